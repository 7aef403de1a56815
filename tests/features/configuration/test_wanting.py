"""Saying what is wanted, planning, asking, dropping."""

from typing import Any

import pytest

from features.activation.models import Activation
from features.configuration.models import Push, Wanted
from features.configuration.observed import last_change, observed
from features.configuration.planning import Line, ask, differences, drop, plan, preview
from features.configuration.pushing import drain, push_one
from features.configuration.wanting import Outdated, adopt, want
from features.models import Change, Feature
from partners.tenancy import tenant
from tests.factories import FeatureFactory
from tests.features.configuration.ground import (
    BY,
    State,
    Status,
    again,
    asked,
    change_at_meta,
    connected,
    planned,
    posts,
    status_of,
    the,
    wanting,
)
from tests.features.test_sync import sync
from tests.meta import Meta, hint

pytestmark = pytest.mark.django_db


def feature_with(**settings: Any) -> Feature:
    """A button as Meta has it."""
    return FeatureFactory.create(configuration=settings | {"default_locale": "en_US"}, is_enabled=True)


def test_what_meta_has_is_shown_without_what_it_adds() -> None:
    assert observed(feature_with(cta_button_text="Go")) == {"enabled": True, "cta_button_text": "Go"}


def test_the_newest_line_of_the_history_says_when_and_by_what(meta: Meta) -> None:
    installation = connected(meta, "page_cta")
    feature = the("page_cta")
    first = last_change(feature)
    assert first is not None and (first.kind, first.cause) == ("installed", "return")
    change_at_meta(meta, feature, cta_button_text="Go")
    hint(installation)
    sync(installation)
    second = last_change(feature)
    assert second is not None and (second.kind, second.cause) == ("configured", "webhook")


def test_what_is_wanted_is_kept_with_whose_it_is() -> None:
    feature = feature_with(cta_button_text="Go")
    wanted = wanting(feature, cta_button_text="Reserve", enabled=True, cta_button_url=None, invented="x")
    assert wanted.values == {"enabled": True, "cta_button_text": "Reserve"}
    assert (wanted.origin, wanted.changed_by, wanted.version, wanted.status) == ("staff", BY, 1, "unpushed")


def test_wanting_the_same_again_changes_nothing() -> None:
    feature = feature_with()
    first = wanting(feature, cta_button_text="Reserve")
    push = planned(feature, 1, cta_button_text="Reserve")
    assert wanting(feature, 1, cta_button_text="Reserve").version == first.version == 1
    assert again(push).state == State.PLANNED


def test_wanting_what_meta_has_needs_no_push() -> None:
    feature = feature_with(cta_button_text="Go")
    assert wanting(feature, cta_button_text="Go").status == Status.AS_WANTED
    with tenant(feature.partner_id):
        assert plan([feature], by=BY) == []


@pytest.mark.parametrize("version", [None, 1, 3])
def test_whoever_saw_another_version_is_told(version: int | None) -> None:
    feature = feature_with()
    wanting(feature, cta_button_text="Reserve")
    wanting(feature, 1, cta_button_text="Book Now")
    with pytest.raises(Outdated) as outdated:
        wanting(feature, version, cta_button_text="Mine")
    assert outdated.value.current is not None and outdated.value.current.version == 2
    assert Wanted.objects.get().values == {"cta_button_text": "Book Now"}


def test_a_version_of_what_was_never_wanted_is_outdated() -> None:
    with pytest.raises(Outdated) as outdated:
        wanting(feature_with(), 1, cta_button_text="Mine")
    assert outdated.value.current is None


@pytest.mark.parametrize("feature_type", ["pixel", "invented"])
def test_a_feature_without_settings_takes_none(feature_type: str) -> None:
    feature = FeatureFactory.create(feature_type=feature_type)
    with pytest.raises(ValueError, match="no settings"):
        wanting(feature, enabled=False)
    with tenant(feature.partner_id):
        assert adopt([feature], by=BY) == 0 and plan([feature], by=BY) == []


def test_a_feature_that_is_gone_takes_no_settings_and_no_push(meta: Meta) -> None:
    installation = connected(meta, "page_cta", "pixel")
    push = planned(the("page_cta"), cta_button_text="Reserve")
    meta.change("salon", remove=["page_cta"])
    hint(installation)
    sync(installation)
    feature = the("page_cta")
    assert (again(push).state, again(push).reason) == (State.DROPPED, Push.Reason.REMOVED)
    with pytest.raises(ValueError, match="no settings"):
        wanting(feature, 1, cta_button_text="Book Now")
    with tenant(feature.partner_id):
        assert plan([feature], by=BY) == [] and adopt([feature], by=BY) == 0 and ask([push]) == 0


def test_a_plan_says_what_it_changes_and_what_it_is_based_on() -> None:
    feature = feature_with(cta_button_text="Go", cta_button_url="https://shop.example/")
    push = planned(feature, enabled=True, cta_button_text="Reserve", below_button_text="By us")
    assert push.based_on == {"enabled": True, "cta_button_text": "Go", "below_button_text": None}
    assert differences(push) == [Line("cta_button_text", "Go", "Reserve"), Line("below_button_text", None, "By us")]
    assert (push.state, push.planned_by, push.installation_id) == (State.PLANNED, BY, feature.installation_id)


def test_a_preview_saves_nothing() -> None:
    feature = feature_with(cta_button_text="Go")
    wanting(feature, cta_button_text="Reserve")
    (push,) = preview(Feature.objects.select_related("wanted"))
    assert differences(push) == [Line("cta_button_text", "Go", "Reserve")]
    assert not Push.objects.exists()


def test_a_newer_plan_drops_the_older() -> None:
    feature = feature_with()
    older = planned(feature, cta_button_text="Reserve")
    with tenant(feature.partner_id):
        (newer,) = plan([feature], by="bob")
    older = again(older)
    assert (older.state, older.reason) == (State.DROPPED, Push.Reason.REPLACED) and older.ended_at is not None
    assert newer.state == State.PLANNED
    with tenant(feature.partner_id):
        assert ask([older]) == 0


def test_wanting_something_else_drops_the_plan() -> None:
    feature = feature_with()
    push = planned(feature, cta_button_text="Reserve")
    wanting(feature, 1, cta_button_text="Book Now")
    assert again(push).state == State.DROPPED


def test_while_one_push_waits_a_further_plan_stays_planned() -> None:
    feature = feature_with()
    first = asked(feature, cta_button_text="Reserve")
    second = planned(feature, 1, cta_button_text="Book Now")
    with tenant(feature.partner_id):
        assert ask([second]) == 0
    assert (again(first).state, again(second).state) == (State.WAITING, State.PLANNED)
    assert status_of(feature) == Status.PUSHING


def test_a_push_that_is_withdrawn_leaves_all_as_it_was(meta: Meta) -> None:
    connected(meta, "page_cta")
    feature = the("page_cta")
    push = asked(feature, cta_button_text="Reserve")
    with tenant(feature.partner_id):
        assert drop([push]) == 1
        assert drop([push]) == 0
    assert (again(push).state, again(push).reason) == (State.DROPPED, Push.Reason.WITHDRAWN)
    assert status_of(feature) == Status.UNPUSHED
    assert drain() == 0 and posts(meta) == 0


def test_what_drifted_is_still_drift_after_its_push_is_withdrawn(meta: Meta) -> None:
    installation = connected(meta, "page_cta")
    feature = the("page_cta")
    asked(feature, cta_button_text="Reserve")
    drain()
    change_at_meta(meta, feature, cta_button_text="Merchant's")
    hint(installation)
    sync(installation)
    with tenant(feature.partner_id):
        (push,) = plan([feature], by=BY)
        ask([push])
        assert status_of(feature) == Status.PUSHING
        drop([push])
    assert status_of(feature) == Status.DRIFT


def test_a_push_that_was_sent_can_not_be_withdrawn(meta: Meta) -> None:
    connected(meta, "page_cta")
    push = asked(the("page_cta"), cta_button_text="Reserve")
    meta.fail("lost_answer", path="configuration_write")
    drain()
    with tenant(push.partner_id):
        assert drop([push]) == 0
    assert again(push).state == State.WAITING


def test_adopting_wants_what_meta_has(meta: Meta) -> None:
    installation = connected(meta, "page_cta", "ig_cta", "pixel")
    feature = the("page_cta")
    asked(feature, cta_button_text="Reserve")
    drain()
    change_at_meta(meta, feature, cta_button_text="Merchant's")
    hint(installation)
    sync(installation)
    assert status_of(feature) == Status.DRIFT
    push = planned(feature, 1, cta_button_text="Reserve")
    with tenant(feature.partner_id):
        assert adopt(Feature.objects.all(), by="bob") == 2
    wanted = Wanted.objects.get(feature=feature)
    assert wanted.values == observed(the("page_cta")) == {"enabled": True, "cta_button_text": "Merchant's"}
    assert (wanted.origin, wanted.changed_by, wanted.version, wanted.status) == ("meta", "bob", 2, "as_wanted")
    assert Wanted.objects.get(feature=the("ig_cta")).status == Status.AS_WANTED
    assert again(push).state == State.DROPPED
    assert posts(meta) == 1


def test_what_is_being_pushed_is_not_adopted() -> None:
    feature = feature_with(cta_button_text="Go")
    asked(feature, cta_button_text="Reserve")
    with tenant(feature.partner_id):
        assert adopt([feature], by="bob") == 0
    assert Wanted.objects.get().values == {"cta_button_text": "Reserve"}


def test_the_features_activation_is_looked_at_again_after_every_decision() -> None:
    feature = feature_with(cta_button_text="Go")
    looks = []
    push = asked(feature, cta_button_text="Reserve")
    looks.append(Activation.objects.get().requested)
    with tenant(feature.partner_id):
        drop([push])
        looks.append(Activation.objects.get().requested)
        adopt([feature], by=BY)
        looks.append(Activation.objects.get().requested)
    assert looks == sorted(set(looks))


def test_an_empty_text_takes_away_what_is_there(meta: Meta) -> None:
    installation = connected(meta, "page_cta")
    feature = the("page_cta")
    change_at_meta(meta, feature, below_button_text="Old")
    hint(installation)
    sync(installation)
    push = asked(feature, below_button_text="")
    drain()
    assert again(push).state == State.CONFIRMED
    assert not observed(the("page_cta")).get("below_button_text")


def test_another_partners_features_are_out_of_reach() -> None:
    own, other = feature_with(), feature_with()
    push = planned(other, cta_button_text="Reserve")
    # The tests' own role sees all partners; the runtime's, inside this door, sees one.
    with tenant(own.partner_id):
        with pytest.raises(ValueError):
            want(other, {"cta_button_text": "Stolen"}, by=BY, version=1)
        assert adopt([other], by=BY) == 0 and ask([push]) == 0 and drop([push]) == 0 and plan([other], by=BY) == []
    assert again(push).state == State.PLANNED
    with tenant(other.partner_id):
        assert ask([push]) == 1
    assert not push_one(own.partner_id, push.installation_id)
    assert again(push).attempt == 0 and not Change.objects.exists()
