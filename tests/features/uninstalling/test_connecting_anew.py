"""The business comes back from Meta while it is being uninstalled: that is called off, and the new connection stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from features.configuration.models import Wanted
from features.configuration.wanting import set_defaults
from features.hints import mark_dirty
from features.models import AccessToken, Cause, Installation
from features.tokens import ReceivedToken, keep
from features.uninstalling.anew import connected_anew
from features.uninstalling.claims import claim_one
from features.uninstalling.judging import LOOKS_OF_A_CALL
from features.uninstalling.models import Uninstall
from features.uninstalling.running import call, drain, prepare
from features.uninstalling.settling import settle
from features.uninstalling.texts import remedy_of
from partners.tenancy import tenant
from tests.features.configuration.ground import at_meta, posts
from tests.features.test_sync import installed, sync
from tests.features.uninstalling.ground import (
    Reason,
    State,
    again,
    asked,
    calls,
    connected,
    finished,
    looked,
    slow,
    the,
    went_on,
)
from tests.meta import SCOPES, Meta, hint


@pytest.fixture
def salon(meta: Meta) -> Installation:
    """A business with two features."""
    return connected(meta, "page_cta", "catalog")


def come_back(meta: Meta, installation: Installation, *features: str) -> None:
    """The merchant goes through onboarding again; what a return writes."""
    token = meta.connect("salon", *features)
    with tenant(installation.partner_id):
        keep([ReceivedToken(installation, token, scopes=SCOPES)])
        mark_dirty(Installation.objects.filter(pk=installation.pk), Cause.RETURN)
        connected_anew(installation, timezone.now())
        set_defaults(installation, {})


def token_by_webhook(meta: Meta, installation: Installation, **more: object) -> None:
    """Meta tells of the new sign-in by a notice only."""
    keep([ReceivedToken(installation, meta.connect("salon"), **more)])  # type: ignore[arg-type]  # as a test names them
    hint(installation)


def test_before_anything_is_sent_nothing_is(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    come_back(meta, salon)
    row = again(row)
    assert (row.state, row.reason, row.sent_at) == (State.CALLED_OFF, Reason.CONNECTED_ANEW, None)
    finished()
    assert calls(meta) == 0 and installed(salon) == {"page_cta", "catalog"}


def test_a_token_that_comes_by_webhook_alone_calls_it_off_too(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    token_by_webhook(meta, salon)
    row = went_on(row)
    assert (row.state, row.reason, calls(meta)) == (State.CALLED_OFF, Reason.CONNECTED_ANEW, 0)


def test_an_older_token_and_a_system_users_call_nothing_off(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    token_by_webhook(meta, salon, received_at=timezone.now() - timedelta(hours=1))
    token_by_webhook(meta, salon, kind=AccessToken.Kind.SYSTEM_USER)
    assert went_on(row).state == State.ACKNOWLEDGED


def test_a_token_that_an_import_brought_calls_nothing_off(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    token_by_webhook(meta, salon, is_imported=True)
    row = went_on(row)
    assert (row.state, row.connected_anew_at) == (State.ACKNOWLEDGED, None)
    row = looked(row)
    assert (row.state, row.reason, calls(meta)) == (State.GONE, "", 1)
    salon.refresh_from_db()
    assert salon.reason == Installation.Reason.UNINSTALLED_BY_STAFF


def test_an_imported_token_that_meta_sends_too_calls_it_off(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    token = meta.connect("salon")
    keep([ReceivedToken(salon, token, is_imported=True)])
    keep([ReceivedToken(salon, token)])
    keep([ReceivedToken(salon, token, is_imported=True)])
    row = went_on(row)
    assert (row.state, row.reason, calls(meta)) == (State.CALLED_OFF, Reason.CONNECTED_ANEW, 0)


def test_whose_new_connection_no_webhook_told_of_is_not_met_by_the_second_call(meta: Meta, salon: Installation) -> None:
    slow(meta, 1000)
    row = went_on(asked(salon))
    meta.change("salon", add=["pixel"])
    for _ in range(LOOKS_OF_A_CALL):
        row = looked(row)
    assert (row.state, row.reason, calls(meta)) == (State.UNCONFIRMED, Reason.NEW_SINCE, 1)
    assert "come since" in row.explanation and "connected anew" in remedy_of(row)
    assert installed(salon) == {"page_cta", "catalog", "pixel"} and drain() == 0


def test_a_return_before_the_request_calls_nothing_off(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    with tenant(salon.partner_id):
        connected_anew(salon, row.asked_at - timedelta(minutes=1))
    assert went_on(row).state == State.ACKNOWLEDGED


def test_after_metas_yes_the_new_connection_stays(meta: Meta, salon: Installation) -> None:
    slow(meta, 100)
    row = went_on(asked(salon))
    come_back(meta, salon)
    row = went_on(row)
    assert row.state == State.ACKNOWLEDGED and row.connected_anew_at, "what Meta has now is not read yet"
    sync(salon)
    assert again(row).not_before is None, "nobody waits for it any longer"
    row = went_on(row)
    assert (row.state, row.reason, calls(meta)) == (State.CALLED_OFF, Reason.CONNECTED_ANEW, 1)
    sync(salon)
    assert salon.state == Installation.State.CONNECTED and installed(salon) == {"page_cta", "catalog"}


def test_what_meta_removed_and_the_merchant_made_anew_stays(meta: Meta, salon: Installation) -> None:
    row = went_on(asked(salon))
    come_back(meta, salon, "pixel")
    row = looked(row)
    assert (row.state, row.reason) == (State.CALLED_OFF, Reason.CONNECTED_ANEW)
    salon.refresh_from_db()
    assert salon.state == Installation.State.CONNECTED and installed(salon) == {"pixel"}
    hint(salon, says_uninstall=True)
    sync(salon)
    assert salon.state == Installation.State.CONNECTED, "Meta's notice of the old one comes late"


def test_an_invisible_business_no_longer_reads_as_uninstalled(meta: Meta, salon: Installation) -> None:
    slow(meta, 100)
    row = went_on(asked(salon))
    come_back(meta, salon)
    meta.fail("not_visible", path="installs", count=AccessToken.objects.count())
    row = looked(row)
    salon.refresh_from_db()
    assert (salon.state, salon.reason) == (Installation.State.RECONNECT, Installation.Reason.NOT_VISIBLE)
    assert installed(salon) == {"page_cta", "catalog"}
    assert (row.state, row.reason) == (State.CALLED_OFF, Reason.CONNECTED_ANEW)


def test_what_was_gone_before_the_business_came_back_is_gone(meta: Meta, salon: Installation) -> None:
    row = went_on(asked(salon))
    sync(salon)
    come_back(meta, salon, "pixel")
    row = went_on(row)
    assert row.state == State.GONE
    sync(salon)
    assert salon.state == Installation.State.CONNECTED and salon.reason == ""


def test_an_end_that_is_noticed_after_the_return_takes_nothing_that_the_return_wants(
    meta: Meta, salon: Installation
) -> None:
    row = went_on(asked(salon))
    sync(salon)
    come_back(meta, salon, "page_cta")
    with tenant(salon.partner_id):
        set_defaults(salon, {"page_cta": {"cta_button_text": "Book"}})
    assert went_on(row).state == State.GONE
    salon.refresh_from_db()
    assert salon.wanted_defaults == {"page_cta": {"cta_button_text": "Book"}}
    assert not Wanted.objects.filter(origin=Wanted.Origin.UNINSTALL).exists()


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_return_while_the_call_is_on_its_way_leads_to_no_further_one(
    meta: Meta, salon: Installation, is_lost: bool
) -> None:
    slow(meta, 100)
    if is_lost:
        meta.fail("lost_answer", path="uninstall")
    claim = claim_one(salon.partner_id, asked(salon).pk)
    assert claim is not None and prepare(claim)
    failure = call(claim)
    come_back(meta, salon)
    settle(claim, failure)
    row = looked(again(claim.uninstall))
    assert (row.state, row.reason, calls(meta)) == (State.CALLED_OFF, Reason.CONNECTED_ANEW, 1)
    finished()
    assert calls(meta) == 1 and installed(salon) == {"page_cta", "catalog"}


def test_a_return_between_claim_and_call_is_seen(meta: Meta, salon: Installation) -> None:
    claim = claim_one(salon.partner_id, asked(salon).pk)
    assert claim is not None
    come_back(meta, salon)
    assert not prepare(claim)
    assert Uninstall.objects.get().state == State.CALLED_OFF and calls(meta) == 0


def test_the_uninstall_of_one_feature_is_called_off_as_well(meta: Meta, salon: Installation) -> None:
    slow(meta, 100)
    row = went_on(asked(salon, the("page_cta")))
    come_back(meta, salon)
    row = looked(row)
    assert (row.state, row.reason, posts(meta)) == (State.CALLED_OFF, Reason.CONNECTED_ANEW, 1)
    assert at_meta(meta, the("page_cta"))["enabled"] is True


def test_whoever_comes_back_later_starts_without_what_staff_wanted_off(meta: Meta, salon: Installation) -> None:
    row = looked(went_on(asked(salon, the("page_cta"))))
    assert row.state == State.GONE and Wanted.objects.get().origin == Wanted.Origin.UNINSTALL
    come_back(meta, salon)
    assert not Wanted.objects.exists()


def test_what_was_given_up_is_not_noted_as_gone_after_the_business_came_back(meta: Meta, salon: Installation) -> None:
    row = went_on(asked(salon))
    Uninstall.objects.update(state=State.UNCONFIRMED, reason=Reason.STILL_SHOWN, not_before=None)
    come_back(meta, salon, "pixel")
    sync(salon)
    meta.change("salon", uninstall=True)
    hint(salon, says_uninstall=True)
    sync(salon)
    assert again(row).state == State.UNCONFIRMED
    assert salon.reason == Installation.Reason.UNINSTALLED
