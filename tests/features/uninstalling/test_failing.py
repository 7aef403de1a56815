"""What Meta's errors do to an uninstall: tried again, waited out, or ended with words; nothing removed on a doubt."""

from datetime import timedelta

import pytest
from django.utils import timezone

from features.models import AccessToken, Installation
from features.tokens import ReceivedToken, keep
from features.uninstalling.asking import try_now
from features.uninstalling.running import drain, run_one
from partners.models import MetaApp
from partners.tenancy import tenant
from tests.features.test_sync import installed, sync
from tests.features.uninstalling.ground import (
    Reason,
    State,
    asked,
    calls,
    causes,
    connected,
    is_there,
    looked,
    slow,
    went_on,
)
from tests.meta import Meta, hint


@pytest.fixture
def salon(meta: Meta) -> Installation:
    """A business with two features."""
    return connected(meta, "page_cta", "catalog")


@pytest.mark.parametrize("kind", ["server_error", "html_error", "empty_body", "truncated", "success_false"])
def test_a_call_that_failed_in_passing_is_made_again(meta: Meta, salon: Installation, kind: str) -> None:
    slow(meta, 1)
    meta.fail(kind, path="uninstall")
    row = went_on(asked(salon))
    assert (row.state, row.failures, row.wait) == (State.REQUESTED, 1, Installation.Wait.BACKOFF)
    assert row.not_before is not None and row.detail and row.sent_at
    assert not run_one(row.partner_id, row.pk)
    row = went_on(row)
    assert (row.state, row.failures, row.detail, calls(meta)) == (State.ACKNOWLEDGED, 0, "", 2)


def test_a_lost_answer_to_a_call_that_meta_took_ends_gone(meta: Meta, salon: Installation) -> None:
    meta.fail("lost_answer", path="uninstall")
    row = went_on(asked(salon))
    assert (row.state, is_there(meta)) == (State.REQUESTED, False)
    row = went_on(row)
    assert (row.state, row.looks) == (State.REQUESTED, 1), "Meta says that the app was removed: a sync looks"
    row = looked(row)
    assert (row.state, row.acknowledged_at, calls(meta)) == (State.GONE, None, 2)
    salon.refresh_from_db()
    assert salon.reason == Installation.Reason.UNINSTALLED_BY_STAFF and causes(salon, "removed") == ["uninstall"] * 2


def test_a_lost_answer_whose_webhook_comes_first_ends_gone_without_a_further_call(
    meta: Meta, salon: Installation
) -> None:
    meta.fail("lost_answer", path="uninstall")
    row = went_on(asked(salon))
    hint(salon, says_uninstall=True)
    row = looked(row)
    assert (row.state, calls(meta)) == (State.GONE, 1)
    assert causes(salon, "disconnected") == ["uninstall"]


def test_after_a_lost_answer_a_token_that_died_otherwise_proves_nothing(meta: Meta, salon: Installation) -> None:
    meta.fail("server_error", path="uninstall")
    row = went_on(asked(salon))
    meta.change("salon", kill_tokens=463)
    row = went_on(row)
    assert (row.state, row.reason) == (State.UNCONFIRMED, Reason.UNANSWERED)
    sync(salon)
    assert salon.state == Installation.State.RECONNECT and installed(salon) == {"page_cta", "catalog"}


def test_with_a_dead_token_nothing_is_removed_and_that_is_said(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    meta.change("salon", kill_tokens=460)
    row = went_on(row)
    assert (row.state, row.reason, row.sent_at) == (State.REFUSED, Reason.NO_TOKEN, None)
    assert "no longer valid" in row.detail
    sync(salon)
    assert (salon.state, salon.reason) == (Installation.State.RECONNECT, Installation.Reason.PASSWORD_CHANGED)
    assert installed(salon) == {"page_cta", "catalog"} and is_there(meta)


def test_a_token_that_dies_after_metas_yes_reads_as_uninstalled(meta: Meta, salon: Installation) -> None:
    slow(meta, 1000)
    row = went_on(asked(salon))
    sync(salon)
    meta.change("salon", kill_tokens=460)
    hint(salon)
    sync(salon)
    assert salon.state == Installation.State.RECONNECT, "whoever looks for another reason takes nothing away"
    row = looked(went_on(row))
    assert row.state == State.GONE
    salon.refresh_from_db()
    assert salon.reason == Installation.Reason.UNINSTALLED_BY_STAFF


@pytest.mark.parametrize("kind", ["permission", "not_visible"])
def test_a_plain_refusal_ends_it_in_metas_words(meta: Meta, salon: Installation, kind: str) -> None:
    meta.fail(kind, path="uninstall")
    row = went_on(asked(salon))
    assert (row.state, row.reason, row.sent_at) == (State.REFUSED, "", None)
    assert "permission" in row.detail
    sync(salon)
    assert salon.state == Installation.State.CONNECTED and drain() == 0


def test_a_limit_is_waited_out_for_as_long_as_meta_says(meta: Meta, salon: Installation) -> None:
    meta.fail("rate_limit_buc", path="uninstall", minutes=19)
    row = went_on(asked(salon))
    assert (row.state, row.wait, row.sent_at) == (State.REQUESTED, Installation.Wait.LIMIT, None)
    assert row.not_before is not None
    assert timedelta(minutes=18) < row.not_before - timezone.now() < timedelta(minutes=20)
    with tenant(row.partner_id):
        assert not try_now(row), "people cannot end what Meta asks for"
    hint(salon)
    sync(salon)
    assert not run_one(row.partner_id, row.pk) and calls(meta) == 1


def test_a_limit_of_the_app_holds_its_uninstalls(meta: Meta, salon: Installation) -> None:
    meta.fail("rate_limit_app", path="uninstall")
    row = went_on(asked(salon))
    paused_until = MetaApp.objects.get().paused_until
    assert paused_until and paused_until > timezone.now()
    assert went_on(row).state == State.REQUESTED and calls(meta) == 1
    MetaApp.objects.update(paused_until=None)
    assert went_on(row).state == State.ACKNOWLEDGED


def test_a_second_token_is_used_when_the_first_is_dead(meta: Meta, salon: Installation) -> None:
    token = meta.connect("salon")
    keep([ReceivedToken(salon, token, received_at=timezone.now() - timedelta(days=1))])
    newest = AccessToken.objects.order_by("-received_at")[0]
    row = asked(salon)
    newest.secret = "EAAgone"
    newest.save()
    assert went_on(row).state == State.ACKNOWLEDGED
    newest.refresh_from_db()
    assert newest.dead_at


def test_a_key_that_is_gone_is_waited_for(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    AccessToken.objects.update(sealed=b"nothing that any key opens")
    row = went_on(row)
    assert row.state == State.REQUESTED and row.failures == 1
    assert row.sent_at is None and calls(meta) == 0
