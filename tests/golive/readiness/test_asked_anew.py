"""Whoever changes what a check looks at has it made again, without pressing anything; and nobody else does."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from golive.readiness import wake
from golive.readiness.models import Check
from golive.readiness.registry import applying
from golive.readiness.running import check_app, due
from golive.readiness.steps import Step
from golive.readiness.watching import watching
from mbe.catalog import FEATURE_TYPES
from onboarding.models import EntryPoint
from partners.models import Business, MetaApp
from partners.tenancy import tenant
from tests.admin_rows import page, signed_in, superuser
from tests.factories import EntryPointFactory, MembershipFactory, MetaAppFactory
from tests.golive.readiness.stage import Stage

OF_SECRET = {"app_token", "subscribed_fields", "graph_version", "tokens", "permissions", "agree"}


@pytest.fixture
def app(db: None) -> MetaApp:
    """An app with a button; and another one of the same partner, of which nothing is changed."""
    app = MetaAppFactory.create(secret="old", verify_token="token")
    row: MetaApp = EntryPointFactory.create(meta_app=app, intent="").meta_app
    MetaAppFactory.create(partner=row.partner)
    return row


def change(app: MetaApp, by: Any = None, **values: object) -> None:
    """Save the app's form, with these values in it."""
    client = signed_in(by or MembershipFactory.create(partner=app.partner).user)
    kept = {"name": app.name, "features": app.features, "sign_in_url": app.sign_in_url}
    assert client.post(page("partners_metaapp", app), {**kept, **values}).status_code == 302


def asked(app: MetaApp) -> set[str]:
    """The checks that somebody waits for, and of this app alone."""
    assert not Check.objects.exclude(meta_app=app).exists()
    return set(Check.objects.filter(meta_app=app, asked_at__isnull=False).values_list("key", flat=True))


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({"new_secret": "another"}, OF_SECRET),
        ({"new_verify_token": "another"}, {"handshake"}),
        ({"features": sorted(FEATURE_TYPES.keys() - {"page_card"})}, {"subscribed_fields", "graph_version"}),
        ({"features": ["page_cta"]}, {"subscribed_fields", "graph_version", "permissions"}),
        ({"sign_in_url": "https://partner.example/in"}, {"after_install", "after_uninstall"}),
    ],
)
def test_what_is_changed_is_looked_at_again_at_once(
    app: MetaApp,
    values: dict[str, object],
    keys: set[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as after:
        change(app, **values)
    assert asked(app) == keys and wake.checkers.wake in after
    assert (app.partner_id, app.pk) in due()
    shown = signed_in(superuser()).get(reverse("golive-readiness", args=[app.pk])).content.decode()
    total, waiting = len(applying(MetaApp.objects.get(pk=app.pk))), Check.objects.exclude(asked_at=None).count()
    assert f"{total - waiting} of {total} checks are made." in shown and 'http-equiv="refresh"' in shown


@pytest.mark.parametrize(
    "values", [{"name": "Renamed"}, {"is_test": "on"}, {"new_secret": "old"}, {"new_verify_token": "token"}]
)
def test_what_no_check_looks_at_asks_for_nothing(
    app: MetaApp, values: dict[str, object], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as after:
        change(app, features=app.features[::-1], **values)
    assert asked(app) == set() and wake.checkers.wake not in after


def test_a_secret_that_no_key_opens_is_replaced(app: MetaApp) -> None:
    MetaApp.objects.filter(pk=app.pk).update(sealed_secret=b"\x00" * 64)
    change(app, new_secret="fresh")
    assert asked(app) == OF_SECRET


def test_staff_of_the_platform_do_the_same(app: MetaApp) -> None:
    change(app, by=superuser(), new_secret="another")
    assert asked(app) == OF_SECRET


def test_a_refused_form_asks_for_nothing(app: MetaApp) -> None:
    client = signed_in(MembershipFactory.create(partner=app.partner).user)
    answer = client.post(page("partners_metaapp", app), {"name": "", "new_secret": "another"})
    assert answer.status_code == 200 and asked(app) == set()


@pytest.mark.parametrize(("scopes", "keys"), [("business_management", {"permissions"}), ("", set())])
def test_other_scopes_of_an_entry_point_are_looked_at_again(app: MetaApp, scopes: str, keys: set[str]) -> None:
    entry_point = EntryPoint.objects.get()
    client = signed_in(MembershipFactory.create(partner=app.partner).user)
    form = {"meta_app": app.pk, "slug": "renamed", "is_active": "on", "minimal_onboarding_percent_menu": "all"}
    kept = {"vertical": entry_point.vertical, "intent": entry_point.intent, "cta_defaults": ""}
    answer = client.post(page("onboarding_entrypoint", entry_point), {**form, **kept, "scope_override": scopes})
    assert answer.status_code == 302 and EntryPoint.objects.get().slug == "renamed"
    assert asked(app) == keys


def test_an_accepted_suggestion_is_looked_at_again(app: MetaApp) -> None:
    old = EntryPointFactory.create(meta_app=app, vertical="ECOMMERCE", intent="", channel="COMMERCE")
    client = signed_in(MembershipFactory.create(partner=app.partner).user)
    address = reverse("golive-cockpit-channels", args=[app.pk])
    suggestion = client.get(address).context["open"][0]
    intent = suggestion.choices[0].value
    client.post(address, {"entry_point": old.pk, "before": suggestion.chosen, "after": intent})
    assert EntryPoint.objects.get(pk=old.pk).intent == intent and asked(app) == {"permissions"}


def test_a_wrong_secret_turns_red_and_the_right_one_green_without_a_button(stage: Stage, connected: Business) -> None:
    right, mine = stage.app.secret, (stage.app.partner_id, stage.app.pk)
    assert due() == []
    change(stage.app, new_secret="wrong")
    assert due() == [mine]
    assert stage.check()["app_token"] == ("red", Step.SECRET)
    change(stage.app, new_secret=right)
    assert due() == [mine]
    assert stage.check()["app_token"] == ("green", "")
    assert due() == [] and not Check.objects.exclude(asked_at=None).exists()


def test_a_secret_that_comes_by_the_command_is_looked_at_by_the_next_sweep(stage: Stage, connected: Business) -> None:
    mine, slug = (stage.app.partner_id, stage.app.pk), stage.app.partner.slug
    call_command("add_partner", slug, app_id=stage.app.app_id, app_secret=stage.app.secret)
    assert due() == []
    call_command("add_partner", slug, app_id=stage.app.app_id, app_secret="wrong")
    assert due() == [mine]
    assert stage.check()["app_token"] == ("red", Step.SECRET)
    MetaApp.objects.update(secret_replaced_at=F("secret_replaced_at") - timedelta(seconds=1))
    assert due() == []


def test_a_run_that_begins_during_a_change_looks_at_what_comes_of_it(stage: Stage, connected: Business) -> None:
    def work() -> None:
        check_app(stage.app.partner_id, stage.app.pk)
        connection.close()

    worker = threading.Thread(target=work)
    with tenant(stage.app.partner_id):
        with watching(stage.app):
            stage.app.secret = "wrong"
            stage.app.save()
        worker.start()
        worker.join(timeout=1)
    worker.join()
    if due():
        stage.check()
    assert stage.found()["app_token"] == ("red", Step.SECRET)
