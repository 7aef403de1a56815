"""Bringing Meta to what is wanted: read, post what differs, read again."""

from typing import Any

import pytest

from features.activation.models import Activation
from features.configuration.models import Push
from features.configuration.observed import last_change, observed
from features.configuration.pushing import drain, push_one
from features.models import Cause, Change, Feature, Installation
from tests.features.configuration.ground import (
    CUSTOMIZABLE,
    State,
    Status,
    again,
    asked,
    at_meta,
    change_at_meta,
    connected,
    posts,
    reads,
    status_of,
    the,
    turn_configuration,
    values_for,
)
from tests.features.test_sync import sync
from tests.meta import Meta, hint


@pytest.mark.parametrize("feature_type", CUSTOMIZABLE)
def test_each_type_that_has_settings_is_pushed_and_confirmed(meta: Meta, feature_type: str) -> None:
    connected(meta, feature_type, "pixel")
    feature, values = the(feature_type), values_for(feature_type)
    push = asked(feature, **values)
    assert status_of(feature) == Status.PUSHING
    assert drain() == 1
    push = again(push)
    assert (push.state, push.kept) == (State.CONFIRMED, values)
    assert status_of(feature) == Status.AS_WANTED
    assert values.items() <= at_meta(meta, feature).items()
    assert values.items() <= observed(the(feature_type)).items()
    assert posts(meta) == 1


def test_a_push_shows_in_the_history_with_its_cause(meta: Meta) -> None:
    connected(meta, "page_cta")
    feature = the("page_cta")
    asked(feature, cta_button_text="Reserve")
    drain()
    change = last_change(feature)
    assert change is not None
    assert (change.kind, change.cause) == (Change.Kind.CONFIGURED, Cause.PUSH)
    assert change.after["configuration"]["cta_button_text"] == "Reserve"


def test_what_meta_has_already_is_confirmed_without_a_post(meta: Meta) -> None:
    connected(meta, "page_cta")
    feature = the("page_cta")
    push = asked(feature, cta_button_text="Reserve")
    change_at_meta(meta, feature, cta_button_text="Reserve")
    drain()
    assert again(push).state == State.CONFIRMED
    assert posts(meta) == 0
    assert status_of(feature) == Status.AS_WANTED


def test_a_change_made_at_meta_in_between_is_not_overwritten(meta: Meta) -> None:
    connected(meta, "page_cta")
    feature = the("page_cta")
    push = asked(feature, cta_button_text="Reserve")
    change_at_meta(meta, feature, cta_button_text="Merchant's")
    drain()
    push = again(push)
    assert (push.state, push.kept) == (State.MOVED, {"cta_button_text": "Merchant's"})
    assert at_meta(meta, feature)["cta_button_text"] == "Merchant's"
    assert posts(meta) == 0
    assert status_of(feature) == Status.DRIFT
    assert observed(the("page_cta"))["cta_button_text"] == "Merchant's"


def test_a_change_of_another_setting_at_meta_is_no_hindrance_and_stays(meta: Meta) -> None:
    connected(meta, "page_cta")
    feature = the("page_cta")
    push = asked(feature, cta_button_text="Reserve")
    change_at_meta(meta, feature, below_button_text="Merchant's")
    drain()
    assert again(push).state == State.CONFIRMED
    there = at_meta(meta, feature)
    assert (there["cta_button_text"], there["below_button_text"]) == ("Reserve", "Merchant's")


def test_only_what_differs_is_posted(meta: Meta) -> None:
    connected(meta, "page_cta", "pixel")
    feature = the("page_cta")
    change_at_meta(meta, feature, cta_button_text="Reserve")
    hint(feature.installation)
    sync(feature.installation)
    push = asked(feature, enabled=True, cta_button_text="Reserve", cta_button_url="https://book.example/")
    # Had the text been sent, this would be kept instead.
    turn_configuration(meta, keeps={"page_cta": {"cta_button_text": "sent"}})
    drain()
    assert again(push).state == State.CONFIRMED
    there = at_meta(meta, feature)
    assert (there["cta_button_text"], there["cta_button_url"]) == ("Reserve", "https://book.example/")


def test_what_meta_keeps_otherwise_is_said(meta: Meta) -> None:
    connected(meta, "page_cta")
    feature = the("page_cta")
    push = asked(feature, cta_button_text="Reserve")
    turn_configuration(meta, keeps={"page_cta": {"cta_button_text": "Book now"}})
    drain()
    push = again(push)
    assert (push.state, push.kept) == (State.DIFFERS, {"cta_button_text": "Book now"})
    assert status_of(feature) == Status.DIFFERS
    assert posts(meta) == 1


def test_what_meta_refuses_ends_with_its_words_for_people(meta: Meta) -> None:
    connected(meta, "page_cta")
    feature = the("page_cta")
    push = asked(feature, cta_button_text="Reserve")
    turn_configuration(meta, refuse={"types": ["page_cta"], "message": "Not this word, please."})
    drain()
    push = again(push)
    assert (push.state, push.detail) == (State.REFUSED, "Not this word, please.")
    assert push.explanation == "Not this word, please."
    assert status_of(feature) == Status.REFUSED
    assert posts(meta) == 1


def test_the_refusal_of_one_feature_touches_no_other(meta: Meta) -> None:
    connected(meta, "page_cta", "ig_cta", "messenger_menu")
    pushes = {name: asked(the(name), cta_button_text="Reserve") for name in ("page_cta", "ig_cta", "messenger_menu")}
    turn_configuration(meta, refuse={"types": ["ig_cta"], "message": "No."})
    assert drain() == 1
    states = {name: again(push).state for name, push in pushes.items()}
    assert states == {"page_cta": State.CONFIRMED, "ig_cta": State.REFUSED, "messenger_menu": State.CONFIRMED}
    assert posts(meta) == 4


def test_all_features_of_a_business_go_in_one_post(meta: Meta) -> None:
    connected(meta, *CUSTOMIZABLE)
    for name in CUSTOMIZABLE:
        asked(the(name), **values_for(name))
    before = reads(meta)
    drain()
    assert set(Push.objects.values_list("state", flat=True)) == {State.CONFIRMED}
    assert posts(meta) == 1
    assert reads(meta) - before == 2


def test_several_pages_buttons_are_kept_apart(meta: Meta) -> None:
    installation = meta.installation("salon", "page_cta", pages=2)
    meta.change("salon", add=["page_cta"])
    sync(installation)
    first, second = Feature.objects.filter(feature_type="page_cta").select_related("installation").order_by("pk")
    push = asked(second, cta_button_text="Reserve")
    drain()
    assert again(push).state == State.CONFIRMED
    assert at_meta(meta, second)["cta_button_text"] == "Reserve"
    assert at_meta(meta, first).get("cta_button_text") != "Reserve"
    asked(first, cta_button_text="Order Food")
    asked(second, version=1, cta_button_text="Shop Now")
    drain()
    assert at_meta(meta, first)["cta_button_text"] == "Order Food"
    assert at_meta(meta, second)["cta_button_text"] == "Shop Now"
    assert posts(meta) == 2


def test_a_feature_that_meta_names_no_more_is_refused_and_looked_at(meta: Meta) -> None:
    installation = connected(meta, "page_cta", "pixel")
    feature = the("page_cta")
    push = asked(feature, cta_button_text="Reserve")
    meta.change("salon", remove=["page_cta"])
    drain()
    push = again(push)
    assert (push.state, push.reason) == (State.REFUSED, Push.Reason.NOT_NAMED)
    assert posts(meta) == 0
    installation.refresh_from_db()
    assert installation.is_syncing and installation.requested_cause == Cause.PUSH
    assert sync(installation).state == Installation.State.CONNECTED
    assert the("page_cta").removed_at is not None


def test_the_features_activation_is_looked_at_again_when_a_push_has_ended(meta: Meta) -> None:
    connected(meta, "page_cta", "pixel")
    feature = the("page_cta")
    push = asked(feature, cta_button_text="Reserve")
    Activation.objects.update(due_at=None, requested=0)
    drain()
    assert again(push).state == State.CONFIRMED
    looked_at = Activation.objects.get(due_at__isnull=False)
    assert (looked_at.feature, looked_at.cause) == (feature, Cause.PUSH)


def test_a_push_of_many_features_takes_no_more_statements_than_one_of_two(
    meta: Meta, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for external_id, types in (("salon", CUSTOMIZABLE[:2]), ("barber", CUSTOMIZABLE)):
        installation = connected(meta, *types, external_id=external_id)
        for feature in Feature.objects.filter(installation=installation).select_related("installation"):
            asked(feature, **values_for(feature.feature_type))
        with django_assert_max_num_queries(40) as captured:
            assert push_one(installation.partner_id, installation.pk)
        assert not Push.objects.filter(installation=installation).exclude(state=State.CONFIRMED).exists()
        counts.append(len(captured))
    assert counts[0] == counts[1]
