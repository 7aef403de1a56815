"""One feature is uninstalled: switched off at Meta, and gone when it is no longer listed, or listed as off."""

import pytest

from features.activation.models import Activation
from features.activation.running import run_one as look_at_activations
from features.configuration.models import Push, Wanted
from features.configuration.planning import preview
from features.configuration.pushing import drain as push_all
from features.models import Feature, Installation
from features.uninstalling.asking import Impossible
from features.uninstalling.judging import LOOKS_OF_A_CALL, MOST_CALLS
from features.uninstalling.obstacles import IMPLIED, NO_API, REMOVED, SWITCHED_OFF, UNDER_WAY
from partners.tenancy import tenant
from tests.features.configuration.ground import CUSTOMIZABLE, Status, at_meta, change_at_meta, posts, status_of, wanting
from tests.features.configuration.ground import asked as pushed
from tests.features.test_sync import installed, sync
from tests.features.uninstalling.ground import (
    Reason,
    State,
    asked,
    causes,
    connected,
    looked,
    slow,
    the,
    turn_configuration,
    went_on,
)
from tests.meta import Meta, hint


@pytest.fixture
def salon(meta: Meta) -> Installation:
    """A business with a Page's button, another feature with settings, and one without."""
    return connected(meta, "page_cta", "ig_cta", "pixel")


def button() -> Feature:
    """The Page's button as it is now."""
    return the("page_cta")


def test_a_feature_that_stays_listed_is_gone_when_it_is_off(meta: Meta, salon: Installation) -> None:
    row = went_on(asked(salon, button()))
    assert (row.state, row.calls, posts(meta)) == (State.ACKNOWLEDGED, 1, 1)
    assert at_meta(meta, button())["enabled"] is False and at_meta(meta, the("ig_cta"))["enabled"] is True
    row = looked(row)
    assert row.state == State.GONE
    assert button().is_enabled is False and button().removed_at is None
    assert causes(salon, "configured") == ["uninstall"]
    salon.refresh_from_db()
    assert salon.state == Installation.State.CONNECTED and installed(salon) == {"page_cta", "ig_cta", "pixel"}


def test_a_feature_that_is_no_longer_listed_is_gone(meta: Meta, salon: Installation) -> None:
    turn_configuration(meta, removes_switched_off=True)
    row = looked(went_on(asked(salon, button())))
    assert row.state == State.GONE
    assert button().removed_at is not None and causes(salon, "removed") == ["uninstall"]
    assert installed(salon) == {"ig_cta", "pixel"}
    assert salon.state == Installation.State.CONNECTED


def test_the_last_feature_takes_the_connection_with_it_and_it_is_ours(meta: Meta) -> None:
    turn_configuration(meta, removes_switched_off=True)
    installation = connected(meta, "page_cta")
    row = looked(went_on(asked(installation, button())))
    assert row.state == State.GONE
    installation.refresh_from_db()
    assert installation.state == Installation.State.DISCONNECTED
    assert installation.reason == Installation.Reason.UNINSTALLED_BY_STAFF
    assert causes(installation, "disconnected") == ["uninstall"]


def test_what_goes_with_it_at_metas_side_is_not_ours(meta: Meta, salon: Installation) -> None:
    turn_configuration(meta, removes_switched_off=True)
    row = went_on(asked(salon, button()))
    meta.change("salon", remove=["pixel"])
    hint(salon)
    row = looked(row)
    assert row.state == State.GONE
    assert sorted(causes(salon, "removed")) == ["uninstall", "webhook"]
    salon.refresh_from_db()
    meta.change("salon", uninstall=True)
    hint(salon, says_uninstall=True)
    sync(salon)
    assert salon.reason == Installation.Reason.UNINSTALLED


def test_while_meta_is_slow_it_stays_in_sight(meta: Meta, salon: Installation) -> None:
    slow(meta, 2)
    row = looked(went_on(asked(salon, button())))
    assert (row.state, row.looks) == (State.ACKNOWLEDGED, 2) and button().is_enabled is True
    row = looked(looked(row))
    assert (row.state, posts(meta)) == (State.GONE, 1)


def test_a_feature_that_meta_leaves_on_is_switched_off_once_more_and_then_said(meta: Meta, salon: Installation) -> None:
    turn_configuration(meta, keeps={"page_cta": {"enabled": True}})
    row = went_on(asked(salon, button()))
    for _ in range(LOOKS_OF_A_CALL * MOST_CALLS):
        assert row.state == State.ACKNOWLEDGED
        row = looked(row)
    assert (row.state, row.reason, posts(meta)) == (State.UNCONFIRMED, Reason.STILL_SHOWN, 2)


@pytest.mark.parametrize("removes", [False, True])
def test_a_lost_answer_ends_gone_whichever_way_meta_took_it(meta: Meta, salon: Installation, removes: bool) -> None:
    turn_configuration(meta, removes_switched_off=removes)
    meta.fail("lost_answer", path="configuration_write")
    row = went_on(asked(salon, button()))
    assert (row.state, row.acknowledged_at) == (State.REQUESTED, None) and row.sent_at
    row = looked(looked(went_on(row)))
    assert row.state == State.GONE


def test_meta_can_refuse_it_in_its_words(meta: Meta, salon: Installation) -> None:
    turn_configuration(meta, refuse={"types": ["page_cta"], "message": "This button may not go."})
    row = went_on(asked(salon, button()))
    assert (row.state, row.detail) == (State.REFUSED, "This button may not go.")


def test_a_dead_token_ends_it_and_removes_nothing(meta: Meta, salon: Installation) -> None:
    row = asked(salon, button())
    meta.change("salon", kill_tokens=458)
    row = went_on(row)
    assert (row.state, row.reason) == (State.REFUSED, Reason.NO_TOKEN)
    sync(salon)
    assert salon.state == Installation.State.RECONNECT and installed(salon) == {"page_cta", "ig_cta", "pixel"}


def test_after_metas_yes_a_dead_token_leaves_it_unconfirmed(meta: Meta, salon: Installation) -> None:
    slow(meta, 100)
    row = went_on(asked(salon, button()))
    meta.change("salon", kill_tokens=460)
    row = looked(row)
    assert (row.state, row.reason) == (State.UNCONFIRMED, Reason.UNREAD)
    salon.refresh_from_db()
    assert salon.state == Installation.State.RECONNECT and button().removed_at is None


def test_of_several_instances_only_the_one_goes(meta: Meta, salon: Installation) -> None:
    meta.change("salon", add=["page_cta"])
    hint(salon)
    sync(salon)
    first, second = Feature.objects.filter(feature_type="page_cta").order_by("pk")
    row = looked(went_on(asked(salon, second)))
    assert row.state == State.GONE
    first.refresh_from_db()
    assert first.is_enabled is True and at_meta(meta, second)["enabled"] is False


@pytest.mark.parametrize("feature_type", CUSTOMIZABLE)
def test_every_customizable_type_can_go(meta: Meta, feature_type: str) -> None:
    installation = connected(meta, feature_type)
    assert looked(went_on(asked(installation, the(feature_type)))).state == State.GONE


def test_what_meta_has_no_call_for_is_not_asked_for(meta: Meta, salon: Installation) -> None:
    with pytest.raises(Impossible, match=str(NO_API)[:40]):
        asked(salon, the("pixel"))
    Feature.objects.filter(feature_type="ig_cta").update(is_implied=True)
    with pytest.raises(Impossible, match=str(IMPLIED)[:40]):
        asked(salon, the("ig_cta"))
    change_at_meta(meta, button(), enabled=False)
    hint(salon)
    sync(salon)
    with pytest.raises(Impossible, match=str(SWITCHED_OFF)):
        asked(salon, button())
    meta.change("salon", remove=["page_cta"])
    hint(salon)
    sync(salon)
    with pytest.raises(Impossible, match=str(REMOVED)):
        asked(salon, button())


def test_the_whole_covers_its_features(meta: Meta, salon: Installation) -> None:
    row = asked(salon, button())
    with pytest.raises(Impossible, match=str(UNDER_WAY)):
        asked(salon, button())
    asked(salon, the("ig_cta"))
    whole = asked(salon)
    row.refresh_from_db()
    assert (row.state, row.reason) == (State.CALLED_OFF, Reason.REPLACED)
    with pytest.raises(Impossible, match=str(UNDER_WAY)):
        asked(salon, the("ig_cta"))
    assert looked(went_on(whole)).state == State.GONE


def test_what_was_wanted_is_not_pushed_back_on(meta: Meta, salon: Installation) -> None:
    wanting(button(), cta_button_text="Reserve", enabled=True)
    row = looked(went_on(asked(salon, button())))
    assert row.state == State.GONE
    feature = Feature.objects.select_related("wanted", "installation").get(pk=button().pk)
    assert feature.wanted.values == {"enabled": False} and status_of(feature) == Status.AS_WANTED
    assert preview([feature]) == []
    with tenant(salon.partner_id):
        assert feature.wanted.origin == Wanted.Origin.UNINSTALL
    hint(salon)
    sync(salon)
    push_all()
    assert at_meta(meta, feature)["enabled"] is False and posts(meta) == 1
    # Should the merchant switch it on again, that is shown, and not undone.
    change_at_meta(meta, feature, enabled=True)
    hint(salon)
    sync(salon)
    push_all()
    assert status_of(feature) == Status.DRIFT and at_meta(meta, feature)["enabled"] is True


def test_nobody_is_asked_to_switch_on_again_what_staff_uninstalled(meta: Meta, salon: Installation) -> None:
    row = looked(went_on(asked(salon, button())))
    assert row.state == State.GONE
    look_at_activations(salon.partner_id, salon.pk)
    steps = {each["step"]: each["state"] for each in Activation.objects.get(feature=button()).steps}
    assert steps["switched_off_as_wanted"] == "note" and "switched_off" not in steps


def test_a_push_waits_while_it_is_being_uninstalled(meta: Meta, salon: Installation) -> None:
    slow(meta, 1)
    row = went_on(asked(salon, button()))
    push = pushed(button(), cta_button_text="Reserve")
    other = pushed(the("ig_cta"), cta_button_text="Reserve")
    push_all()
    push.refresh_from_db()
    other.refresh_from_db()
    assert (push.state, other.state) == (Push.State.WAITING, Push.State.CONFIRMED)
    assert looked(looked(row)).state == State.GONE
    push.refresh_from_db()
    assert (push.state, push.reason) == (Push.State.DROPPED, Push.Reason.UNINSTALLED)
    assert "cta_button_text" not in at_meta(meta, button())
