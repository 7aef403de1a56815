"""An app secret that is put right heals the businesses that were refused meanwhile."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from features.healing import ask_where_the_secret_is_new
from features.models import Installation
from features.remedies import SECRET_REMEDY, remedy
from features.sync import drain
from features.tasks import sync_due
from partners.app_secrets import replace_secret
from partners.models import MetaApp
from partners.tenancy import platform
from tests.meta import Meta, hint

pytestmark = pytest.mark.django_db(transaction=True)

State, Reason = Installation.State, Installation.Reason


def keep(app: MetaApp, secret: str) -> None:
    """Somebody types in this secret."""
    with platform():
        kept = MetaApp.objects.get(pk=app.pk)
        replace_secret(kept, secret)
        kept.save()


def refused(meta: Meta, count: int = 1) -> list[Installation]:
    """So many connected businesses that Meta has refused since for a wrong secret."""
    meta.turn(refuse_system_user_token=True)
    rows = [meta.installation(f"salon-{number}", "pixel") for number in range(count)]
    drain()
    keep(meta.app, "wrong")
    for each in rows:
        hint(each)
    drain()
    assert {each.reason for each in Installation.objects.all()} == {Reason.REFUSED}
    return rows


def test_the_right_secret_has_those_synced_that_were_refused(meta: Meta) -> None:
    right = meta.app.secret
    refused(meta, 3)
    call_command("add_partner", meta.app.partner.slug, app_id=meta.app.app_id, app_secret=right)
    sync_due()
    assert {(each.state, each.reason) for each in Installation.objects.all()} == {(State.CONNECTED, "")}


def test_another_wrong_secret_costs_one_call_each_and_no_more(meta: Meta) -> None:
    refused(meta, 2)
    keep(meta.app, "wrong too")
    before = meta.calls()
    for _ in range(3):
        sync_due()
    assert meta.calls() == before + 2
    assert {each.reason for each in Installation.objects.all()} == {Reason.REFUSED}


def test_what_was_refused_for_something_else_waits_as_before(meta: Meta) -> None:
    (row,) = refused(meta)
    Installation.objects.update(reason_detail="(#100) Something else")
    row.refresh_from_db()
    assert remedy(row) != str(SECRET_REMEDY)
    keep(meta.app, "another")
    assert ask_where_the_secret_is_new() == 0


def test_a_crowd_is_asked_for_a_portion_at_a_time(meta: Meta) -> None:
    refused(meta, 5)
    keep(meta.app, "another")
    assert [ask_where_the_secret_is_new(2) for _ in range(4)] == [2, 2, 1, 0]


def test_after_the_regular_look_nothing_is_searched_for_any_more(meta: Meta) -> None:
    refused(meta)
    keep(meta.app, "another")
    MetaApp.objects.update(secret_replaced_at=timezone.now() - timedelta(days=1))
    assert ask_where_the_secret_is_new() == 0


def test_the_page_names_the_secret(meta: Meta) -> None:
    (row,) = refused(meta)
    row.refresh_from_db()
    assert remedy(row) == str(SECRET_REMEDY)
