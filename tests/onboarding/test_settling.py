"""What proves that a merchant who started at Meta went through with it, and what only happened meanwhile."""

import pytest
from django.utils import timezone

from features.configuration.models import Wanted
from features.configuration.wanting import want_off
from features.models import AccessToken, Cause, Change, Installation
from features.tokens import ReceivedToken, keep
from features.uninstalling.models import Uninstall
from onboarding.connecting import note_connected
from onboarding.models import EntryPoint, OnboardingAttempt
from onboarding.settling import settle_due
from partners.tenancy import tenant
from tests.features.uninstalling.ground import again, asked, calls, went_on
from tests.golive.diagnosis.scene import Scene

Outcome = OnboardingAttempt.Outcome
OTHER_ADS = {"ads": {"ad_account_id": "424242"}}


def at_meta() -> OnboardingAttempt:
    """The attempt that was started at Meta, after all that can be settled is."""
    settle_due()
    return OnboardingAttempt.objects.get(way_in=OnboardingAttempt.WayIn.BUSINESS_APP)


def changed_at_meta(scene: Scene) -> None:
    """Somebody changes an asset there; the webhook names no token that we do not have."""
    tokens = AccessToken.objects.count()
    scene.meta._call("patch", f"connections/{scene.external_id}", connected_assets=OTHER_ADS)
    scene.hears_from_meta()
    scene.work()
    assert AccessToken.objects.count() == tokens
    assert Change.objects.filter(kind=Change.Kind.CHANGED, cause=Cause.WEBHOOK).exists()


def test_a_change_of_what_was_connected_before_proves_no_return_and_calls_no_uninstall_off(scene: Scene) -> None:
    installation = scene.comes_in()
    Installation.objects.update(wanted_defaults={})
    scene.starts_at_meta()
    EntryPoint.objects.update(cta_defaults={"page_cta": {"cta_button_text": "Book"}})
    row = asked(installation)
    changed_at_meta(scene)
    assert at_meta().outcome == Outcome.STARTED
    row = again(row)
    assert (row.state, row.reason, row.connected_anew_at) == (Uninstall.State.REQUESTED, "", None)
    assert scene.installation().wanted_defaults == {}
    note_connected()
    assert at_meta().connected_at is None
    row = went_on(row)
    assert (row.state, calls(scene.meta)) == (Uninstall.State.ACKNOWLEDGED, 1)
    OnboardingAttempt.objects.update(expires_at=timezone.now())
    assert at_meta().outcome == Outcome.EXPIRED


def test_a_connection_that_was_not_readable_for_a_moment_proves_no_return_either(scene: Scene) -> None:
    scene.comes_in()
    scene.starts_at_meta()
    scene.meta.fail("not_visible", path="installs", count=AccessToken.objects.count())
    assert scene.asks_meta().state == Installation.State.RECONNECT
    assert scene.asks_meta().state == Installation.State.CONNECTED
    turn = Change.objects.filter(kind=Change.Kind.CONNECTED).latest("pk")
    assert turn.cause == Cause.WEBHOOK
    assert at_meta().outcome == Outcome.STARTED


def test_a_new_token_proves_the_return_of_what_was_connected_before_and_calls_the_uninstall_off(scene: Scene) -> None:
    installation = scene.comes_in()
    row = asked(installation)
    scene.starts_at_meta("LEAD_ADS", "ADS")
    scene.hears_from_meta()
    scene.work()
    attempt, token = at_meta(), AccessToken.objects.filter(kind=AccessToken.Kind.LOGIN).latest("received_at")
    assert (attempt.outcome, attempt.returned_at) == (Outcome.SUCCEEDED, token.received_at)
    row = again(row)
    assert (row.state, row.reason) == (Uninstall.State.CALLED_OFF, Uninstall.Reason.CONNECTED_ANEW)
    assert row.connected_anew_at == token.received_at and calls(scene.meta) == 0


def test_a_token_that_a_file_brings_proves_no_return(scene: Scene) -> None:
    installation = scene.comes_in()
    scene.starts_at_meta()
    keep([ReceivedToken(installation, "EAAB-of-a-file", is_imported=True)])
    assert at_meta().outcome == Outcome.STARTED
    keep([ReceivedToken(installation, "EAAB-of-metas")])
    assert at_meta().outcome == Outcome.SUCCEEDED


@pytest.mark.parametrize("way", ["never connected", "disconnected"])
def test_without_a_token_a_business_that_was_not_connected_has_returned_when_it_is(scene: Scene, way: str) -> None:
    installation = scene.comes_in("APPOINTMENTS", "FB_SERVICES")
    if way == "disconnected":
        with tenant(installation.partner_id):
            want_off(installation, scene.feature("page_cta"), by="ada")
    scene.meta.change(scene.external_id, uninstall=True, keep_tokens=True)
    assert scene.asks_meta().state == Installation.State.DISCONNECTED
    if way == "never connected":
        Change.objects.filter(kind__in=(Change.Kind.CONNECTED, Change.Kind.DISCONNECTED)).delete()
        Installation.objects.update(state=Installation.State.PENDING)
    scene.meta.turn_webhooks(omit_token=True)
    scene.starts_at_meta("FB_SERVICES")
    scene.hears_from_meta()
    assert scene.work().state == Installation.State.CONNECTED
    assert at_meta().outcome == Outcome.SUCCEEDED
    assert not Wanted.objects.filter(origin=Wanted.Origin.UNINSTALL).exists()
    note_connected()
    assert at_meta().connected_at is not None
