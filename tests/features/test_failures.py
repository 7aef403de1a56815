"""What Meta's errors do to an installation: never to its features."""

from datetime import timedelta

import pytest
from django.utils import timezone

from features.claims import claim_one, due, pause
from features.failures import settle_failure
from features.models import AccessToken, Change, Feature, Installation
from features.own_reasons import in_words
from features.remedies import REMEDIES, remedy
from mbe.errors import Refused
from onboarding.connections import _EXPLANATIONS
from partners.models import MetaApp
from tests.features.test_sync import installed, sync
from tests.meta import Meta, hint


@pytest.fixture
def connected(meta: Meta) -> Installation:
    """A connected business with one feature, with a hint to be worked on."""
    meta.turn(refuse_system_user_token=True)
    installation = sync(meta.installation("salon", "pixel"))
    hint(installation)
    return installation


@pytest.mark.parametrize(
    "kind", ["server_error", "html_error", "empty_body", "truncated", "error_with_200", "success_false"]
)
def test_a_doubtful_read_changes_no_record_and_is_tried_again(meta: Meta, connected: Installation, kind: str) -> None:
    before = Change.objects.count()
    meta.fail(kind, path="installs")
    sync(connected)
    assert installed(connected) == {"pixel"}
    assert connected.state == Installation.State.CONNECTED
    assert Change.objects.count() == before
    assert connected.wait == Installation.Wait.BACKOFF and connected.not_before is not None
    assert connected.last_error
    hint(connected)
    sync(connected)
    assert connected.last_error == "" and connected.applied_generation == connected.requested_generation


@pytest.mark.parametrize("kind", ["server_error", "empty_body", "truncated"])
def test_a_doubtful_configuration_does_not_hold_back_the_installs(
    meta: Meta, connected: Installation, kind: str
) -> None:
    row = Feature.objects.get()
    meta.change("salon", add=["catalog"])
    meta.fail(kind, path="configuration")
    sync(connected)
    assert installed(connected) == {"pixel", "catalog"}
    assert connected.configuration_error
    was = row.configuration, row.is_enabled
    row.refresh_from_db()
    assert (row.configuration, row.is_enabled) == was
    assert connected.is_syncing and connected.not_before is not None
    Installation.objects.update(not_before=None)
    sync(connected)
    assert connected.configuration_error == ""
    assert Feature.objects.get(feature_type="catalog").is_enabled is True


def test_a_dead_token_is_called_with_once_and_asks_for_reconnection(meta: Meta, connected: Installation) -> None:
    meta.change("salon", kill_tokens=460)
    before = meta.calls()
    sync(connected)
    assert meta.calls() == before + 1
    assert connected.state == Installation.State.RECONNECT
    assert connected.reason == Installation.Reason.PASSWORD_CHANGED and connected.reason_detail
    assert installed(connected) == {"pixel"}
    hint(connected)
    sync(connected)
    assert meta.calls() == before + 1
    assert Change.objects.filter(kind="reconnect").count() == 1


@pytest.mark.parametrize(
    ("subcode", "reason", "says", "helps"),
    [
        (458, "app_removed", "The app was removed", "wants to come back"),
        (460, "password_changed", "The password at Meta was changed", "new password"),
        (463, "token_expired", "has run out", "a new token"),
        (467, "logged_out", "somebody logged out", "signs in at Meta again"),
        (459, "token_dead", "no longer accepts", "a new launch link"),
    ],
)
def test_why_a_token_died_is_said_plainly_with_what_helps(
    meta: Meta, connected: Installation, subcode: int, reason: str, says: str, helps: str
) -> None:
    meta.change("salon", kill_tokens=subcode)
    sync(connected)
    assert (connected.state, connected.reason) == ("reconnect", reason)
    assert says in connected.explanation and helps in remedy(connected)
    assert AccessToken.objects.get().dead_subcode == subcode
    Installation.objects.update(state="connected", reason="")
    hint(connected)
    sync(connected)
    assert connected.reason == reason, "also where no token is left to ask with"


def test_every_reason_has_words_for_staff_and_for_merchants() -> None:
    assert set(REMEDIES) == set(_EXPLANATIONS) == set(Installation.Reason)


def test_a_new_token_heals_a_reconnect(meta: Meta, connected: Installation) -> None:
    meta.change("salon", kill_tokens=460)
    sync(connected)
    AccessToken.objects.all().delete()
    token = meta.connect("salon", "pixel")
    from_login = AccessToken(partner=connected.partner, installation=connected, kind="login", fingerprint="new")
    from_login.secret = token
    from_login.save()
    hint(connected)
    sync(connected)
    assert connected.state == Installation.State.CONNECTED and connected.reason == ""


def test_an_invisible_business_asks_for_reconnection_and_keeps_its_features(
    meta: Meta, connected: Installation
) -> None:
    meta.fail("not_visible", path="installs")
    sync(connected)
    assert connected.state == Installation.State.RECONNECT
    assert connected.reason == Installation.Reason.NOT_VISIBLE
    assert installed(connected) == {"pixel"}


@pytest.mark.parametrize("kind", ["not_visible", "dead_token"])
def test_after_an_uninstall_notice_it_reads_as_uninstalled(meta: Meta, connected: Installation, kind: str) -> None:
    hint(connected, says_uninstall=True)
    meta.fail(kind, path="installs", count=2)
    sync(connected)
    assert connected.state == Installation.State.DISCONNECTED
    assert connected.reason == Installation.Reason.UNINSTALLED
    assert "Meta sent word of an uninstall, and now says: " in in_words(connected.reason_detail)
    assert installed(connected) == set()


def test_an_uninstall_notice_that_a_good_read_followed_counts_no_more(meta: Meta, connected: Installation) -> None:
    hint(connected, says_uninstall=True)
    sync(connected)
    hint(connected)
    meta.fail("not_visible", path="installs")
    sync(connected)
    assert connected.state == Installation.State.RECONNECT
    assert installed(connected) == {"pixel"}


def test_a_missing_permission_stops_and_asks_for_reconnection(meta: Meta, connected: Installation) -> None:
    meta.fail("permission", path="installs")
    sync(connected)
    assert connected.reason == Installation.Reason.PERMISSION
    assert connected.is_stopped
    assert not due().exists()
    hint(connected)
    sync(connected)
    assert connected.state == Installation.State.CONNECTED


def test_an_app_limit_pauses_the_whole_app_for_as_long_as_meta_says(meta: Meta, connected: Installation) -> None:
    other = meta.installation("other", "pixel")
    meta.fail("rate_limit_app", path="installs", external_business_id="salon")
    sync(connected)
    assert MetaApp.objects.get().paused_until is not None
    assert connected.wait == ""
    before = meta.calls()
    hint(other)
    assert not due().exists()
    sync(other)
    assert meta.calls() == before
    MetaApp.objects.update(paused_until=timezone.now() - timedelta(seconds=1))
    assert due().count() == 2


def test_a_refused_call_stops_and_says_so_and_is_no_reason_to_connect_again(
    meta: Meta, connected: Installation
) -> None:
    settle_refusal(connected)
    connected.refresh_from_db()
    assert (connected.state, connected.reason) == ("connected", "refused")
    assert "version is gone" in connected.explanation
    assert not due().exists()
    hint(connected)
    assert sync(connected).reason == ""


def settle_refusal(installation: Installation) -> None:
    """What a sync does that Meta refuses as such."""
    claim = claim_one(installation.partner_id, installation.pk)
    assert claim is not None
    settle_failure(claim, Refused("(#2635) The version is gone", code=2635))


def test_a_second_limit_never_shortens_the_first(meta: Meta, connected: Installation) -> None:
    app = connected.meta_app
    pause(app, 3600)
    pause(app, 300)
    app.refresh_from_db()
    assert app.paused_until is not None and app.paused_until - timezone.now() > timedelta(seconds=3000)


def test_a_subjects_limit_holds_only_the_subject_and_no_hint_ends_it(meta: Meta, connected: Installation) -> None:
    other = meta.installation("other", "pixel")
    meta.fail("rate_limit_buc", path="installs", external_business_id="salon", minutes=7)
    sync(connected)
    assert connected.wait == Installation.Wait.LIMIT and connected.not_before is not None
    wait = connected.not_before - timezone.now()
    assert timedelta(minutes=6) < wait <= timedelta(minutes=7)
    hint(connected)
    assert [each.pk for each in due()] == [other.pk]
    connected.refresh_from_db()
    assert connected.wait == Installation.Wait.LIMIT


def test_a_hint_ends_a_back_off_from_a_transient_error(meta: Meta, connected: Installation) -> None:
    meta.fail("server_error", path="installs")
    sync(connected)
    assert not due().exists()
    hint(connected)
    assert due().exists()


def test_back_offs_grow_with_every_failure(meta: Meta, connected: Installation) -> None:
    waits = []
    for _ in range(4):
        meta.fail("server_error", path="installs")
        Installation.objects.update(not_before=None)
        sync(connected)
        assert connected.not_before is not None
        waits.append(connected.not_before - timezone.now())
    assert waits == sorted(waits) and waits[-1] > 4 * waits[0]


def test_a_hint_lets_back_offs_start_short_again(meta: Meta, connected: Installation) -> None:
    for _ in range(8):
        hint(connected)
        meta.fail("server_error", path="installs")
        sync(connected)
    assert connected.not_before is not None
    assert connected.not_before - timezone.now() < timedelta(seconds=7)


def test_without_any_token_nothing_is_called(meta: Meta) -> None:
    installation = meta.installation("salon", "pixel")
    AccessToken.objects.all().delete()
    sync(installation)
    assert meta.calls() == 0
    assert installation.state == Installation.State.PENDING
    assert installation.reason == Installation.Reason.NO_TOKEN


def test_a_slow_meta_is_a_transient_error(meta: Meta, connected: Installation, settings: object) -> None:
    settings.META_TIMEOUT = 0.5  # type: ignore[attr-defined]
    meta.fail("slow", path="installs", seconds=5.0)
    sync(connected)
    assert connected.wait == Installation.Wait.BACKOFF
    assert connected.state == Installation.State.CONNECTED
