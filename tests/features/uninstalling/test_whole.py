"""A whole connection is uninstalled: asked for, acknowledged, seen to be gone, recorded as staff's doing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from features.activation.models import Activation
from features.configuration.models import Push, Wanted
from features.models import AccessToken, Change, Feature, Installation
from features.own_reasons import in_words
from features.sync import sync_one
from features.uninstalling.asking import Impossible, ask, call_off, try_now
from features.uninstalling.judging import LOOKS_OF_A_CALL
from features.uninstalling.models import Uninstall
from features.uninstalling.obstacles import NO_TOKEN, NOT_CONNECTED, UNDER_WAY
from features.uninstalling.running import drain, run_one
from partners.tenancy import tenant
from tests.factories import InstallationFactory
from tests.features.configuration.ground import asked as pushed
from tests.features.test_sync import installed, kinds, sync
from tests.features.uninstalling.ground import (
    Reason,
    State,
    again,
    asked,
    calls,
    causes,
    connected,
    is_there,
    looked,
    slow,
    the,
    went_on,
)
from tests.meta import Meta, hint


@pytest.fixture
def salon(meta: Meta) -> Installation:
    """A business with two features."""
    return connected(meta, "page_cta", "catalog")


def test_it_is_asked_for_acknowledged_gone_and_recorded(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    assert (row.state, row.asked_by, calls(meta)) == (State.REQUESTED, "ada", 0)
    row = went_on(row)
    assert (row.state, row.calls, calls(meta)) == (State.ACKNOWLEDGED, 1, 1)
    assert row.sent_at and row.acknowledged_at and not is_there(meta)
    row = looked(row)
    assert row.state == State.GONE and row.ended_at and row.claimed_until is None
    salon.refresh_from_db()
    assert (salon.state, salon.reason) == (Installation.State.DISCONNECTED, Installation.Reason.UNINSTALLED_BY_STAFF)
    assert "Meta was asked to uninstall" in in_words(salon.reason_detail)
    assert installed(salon) == set() and Feature.objects.filter(removed_at=None).count() == 0
    assert causes(salon, "removed") == ["uninstall", "uninstall"]
    assert causes(salon, "disconnected") == ["uninstall"]
    assert set(Activation.objects.values_list("cause", flat=True)) == {"uninstall"}
    line = Change.objects.get(kind="disconnected")
    assert line.after["reason"] == Installation.Reason.UNINSTALLED_BY_STAFF
    assert drain() == 0


@pytest.mark.parametrize("times", [1, 3])
def test_metas_notice_of_it_is_the_same_record_once_and_ours(meta: Meta, salon: Installation, times: int) -> None:
    row = went_on(asked(salon))
    for _ in range(times):
        hint(salon, says_uninstall=True)
    row = looked(row)
    for _ in range(times):
        hint(salon, says_uninstall=True)
        sync(salon)
    assert row.state == State.GONE
    assert (salon.state, salon.reason) == (Installation.State.DISCONNECTED, Installation.Reason.UNINSTALLED_BY_STAFF)
    assert causes(salon, "disconnected") == ["uninstall"] and kinds(salon).count("removed") == 2


def test_from_metas_side_it_is_the_same_record_with_another_cause(meta: Meta, salon: Installation) -> None:
    meta.change("salon", uninstall=True)
    hint(salon, says_uninstall=True)
    sync(salon)
    assert salon.reason == Installation.Reason.UNINSTALLED
    assert causes(salon, "disconnected") == ["webhook"] and causes(salon, "removed") == ["webhook", "webhook"]


def test_what_was_gone_at_meta_before_a_call_is_not_called_for(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    meta.change("salon", uninstall=True)
    hint(salon, says_uninstall=True)
    row = looked(row)
    assert (row.state, row.reason, row.sent_at) == (State.GONE, Reason.GONE_BEFORE, None)
    assert calls(meta) == 0 and causes(salon, "disconnected") == ["webhook"]
    salon.refresh_from_db()
    assert salon.reason == Installation.Reason.UNINSTALLED


def test_while_meta_is_slow_it_is_looked_at_again_and_stays_in_sight(meta: Meta, salon: Installation) -> None:
    slow(meta, 3)
    row = went_on(asked(salon))
    waits = []
    for count in (1, 2, 3):
        assert (row.state, row.looks) == (State.ACKNOWLEDGED, count)
        assert row.not_before is not None
        waits.append(row.not_before - timezone.now())
        assert installed(salon) == {"page_cta", "catalog"}
        row = looked(row)
    assert waits == sorted(waits) and waits[2] > timedelta(seconds=10)
    assert row.state == State.ACKNOWLEDGED
    row = looked(row)
    assert (row.state, calls(meta)) == (State.GONE, 1)
    assert causes(salon, "disconnected") == ["uninstall"]


def test_nothing_is_looked_at_before_its_time(meta: Meta, salon: Installation) -> None:
    slow(meta, 9)
    row = went_on(asked(salon))
    sync(salon)
    assert not run_one(row.partner_id, row.pk)
    assert drain() == 0


def test_a_look_that_has_not_happened_yet_is_waited_for(meta: Meta, salon: Installation) -> None:
    slow(meta, 9)
    row = went_on(asked(salon))
    row = went_on(row)
    assert (row.state, row.looks, calls(meta)) == (State.ACKNOWLEDGED, 1, 1)
    assert row.not_before is not None and row.claimed_until is None


def test_what_meta_never_lets_go_of_is_asked_for_once_more_and_then_said(meta: Meta, salon: Installation) -> None:
    slow(meta, 1000)
    row = went_on(asked(salon))
    for _ in range(LOOKS_OF_A_CALL):
        row = looked(row)
    assert (row.state, row.calls, calls(meta)) == (State.ACKNOWLEDGED, 2, 2)
    for _ in range(LOOKS_OF_A_CALL):
        assert row.state == State.ACKNOWLEDGED
        row = looked(row)
    assert (row.state, row.reason, calls(meta)) == (State.UNCONFIRMED, Reason.STILL_SHOWN, 2)
    assert installed(salon) == {"page_cta", "catalog"} and drain() == 0


def test_what_goes_after_all_is_noted_on_the_uninstall_that_was_given_up(meta: Meta, salon: Installation) -> None:
    row = went_on(asked(salon))
    Uninstall.objects.update(state=State.UNCONFIRMED, reason=Reason.STILL_SHOWN, not_before=None)
    hint(salon, says_uninstall=True)
    sync(salon)
    row = again(row)
    assert (row.state, row.reason) == (State.GONE, "")
    assert salon.reason == Installation.Reason.UNINSTALLED_BY_STAFF


def test_try_now_ends_the_wait_after_an_error(meta: Meta, salon: Installation) -> None:
    meta.fail("server_error", path="uninstall")
    row = went_on(asked(salon))
    with tenant(row.partner_id):
        assert try_now(row)
    assert run_one(row.partner_id, row.pk)
    assert again(row).state == State.ACKNOWLEDGED
    with tenant(row.partner_id):
        assert not try_now(row)


def test_what_is_called_off_is_not_sent(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    with tenant(row.partner_id):
        assert call_off(row) and not call_off(row)
    row = went_on(row)
    assert (row.state, row.reason, calls(meta)) == (State.CALLED_OFF, Reason.WITHDRAWN, 0)
    assert asked(salon).pk != row.pk


def test_what_meta_has_acknowledged_cannot_be_called_off(meta: Meta, salon: Installation) -> None:
    slow(meta, 9)
    row = went_on(asked(salon))
    with tenant(row.partner_id):
        assert not call_off(row)
    assert again(row).state == State.ACKNOWLEDGED


def test_calling_off_after_a_lost_answer_has_a_sync_look(meta: Meta, salon: Installation) -> None:
    meta.fail("lost_answer", path="uninstall")
    row = went_on(asked(salon))
    with tenant(row.partner_id):
        assert call_off(row)
    sync(salon)
    assert salon.state == Installation.State.RECONNECT, "it is not known to be uninstalled"


def test_there_is_one_open_uninstall_of_a_connection(meta: Meta, salon: Installation) -> None:
    row = asked(salon)
    with pytest.raises(Impossible, match=str(UNDER_WAY)):
        asked(salon)
    with pytest.raises(IntegrityError), transaction.atomic():
        Uninstall.objects.create(partner_id=salon.partner_id, installation=salon, asked_by="bob")
    assert Uninstall.objects.get() == row


def test_where_nothing_is_connected_or_no_token_lives_there_is_nothing_to_ask(meta: Meta, salon: Installation) -> None:
    with pytest.raises(Impossible, match=str(NOT_CONNECTED)):
        asked(InstallationFactory.create())
    AccessToken.objects.update(dead_at=timezone.now())
    with pytest.raises(Impossible, match=str(NO_TOKEN)[:40]):
        asked(salon)
    assert not Uninstall.objects.exists()


def test_a_v2_connection_is_uninstalled_as_a_whole_too(meta: Meta) -> None:
    meta.turn(refuse_system_user_token=True)
    meta.speak("v2")
    installation = sync(meta.installation("v2-shop", "pixel", "catalog"))
    row = looked(went_on(asked(installation)))
    assert row.state == State.GONE
    assert set(causes(installation, "removed")) == {"uninstall"}


def test_what_was_wanted_of_its_features_is_pushed_back_on_by_nobody(meta: Meta, salon: Installation) -> None:
    push = pushed(the("page_cta"), cta_button_text="Reserve", enabled=True)
    Installation.objects.update(wanted_defaults={"ig_cta": {"enabled": True}})
    row = looked(went_on(asked(salon)))
    assert row.state == State.GONE
    push.refresh_from_db()
    assert push.state == Push.State.DROPPED
    wanted = Wanted.objects.get()
    assert (wanted.values, wanted.origin) == ({"enabled": False}, Wanted.Origin.UNINSTALL)
    salon.refresh_from_db()
    assert salon.wanted_defaults == {}


def test_asking_is_undone_with_its_transaction(meta: Meta, salon: Installation) -> None:
    with pytest.raises(ZeroDivisionError), tenant(salon.partner_id):
        ask(salon, by="ada")
        raise ZeroDivisionError
    assert not Uninstall.objects.exists()
    assert not sync_one(salon.partner_id, salon.pk)
