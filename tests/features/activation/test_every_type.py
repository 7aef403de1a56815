"""Every feature type of the specification, one that nobody knows, and those of which there is nothing to do."""

import pytest

from features.activation.asking import ask
from features.activation.handlers import HANDLERS, NOTHING_TO_DO
from features.activation.models import Activation
from features.activation.texts import sentence, sentence_for_merchant
from features.models import Cause, Feature, Installation
from mbe.catalog import FEATURE_TYPES
from partners.tenancy import tenant
from tests.features.activation.looking import activation, calls, changed, connected, history, look, steps
from tests.meta import Meta

INVENTED = "hologram_booth"
EVERY_TYPE = [*FEATURE_TYPES, INVENTED, *NOTHING_TO_DO]
State, Actor = Activation.State, Activation.Actor
STAFF, META = (State.ACTION_NEEDED, Actor.STAFF), (State.ACTION_NEEDED, Actor.META)
WORKS = (State.ACTIVE, "")

# How each begins at a business that has nothing but the feature: no products, no texts, no domain, no visitors.
AT_FIRST = {
    **dict.fromkeys(["page_cta", "ig_cta", "messenger_menu", "thread_intent", "page_card"], STAFF),
    **dict.fromkeys(["checkbox_plugin", "checkbox_plugin_marketing", "pixel"], STAFF),
    **dict.fromkeys(["catalog", "fb_shop", "ig_shopping", "collaborate_ads"], STAFF),
    **dict.fromkeys(["ar_commerce", "ig_creators_as_sellers", "customer_data"], META),
    **dict.fromkeys(["messenger_chat", "lead_ads", "messaging", "ads", "custom_audience", "creative"], WORKS),
    **dict.fromkeys(NOTHING_TO_DO, WORKS),
    INVENTED: (State.UNKNOWN, ""),
}
# Whoever asks Meta for nothing is neither hindered by a permission that is missing, nor by a Meta that is down.
ASKS_META = {"page_card", "pixel", "catalog", "fb_shop", "ig_shopping", "collaborate_ads", "lead_ads", "messaging"} | {
    "ads",
    "custom_audience",
    "creative",
}

every_type = pytest.mark.parametrize("feature_type", EVERY_TYPE)


def outcome(feature_type: str) -> tuple[str, str]:
    """The state of its activation, and who has to act."""
    row = activation(feature_type)
    return row.state, row.actor


def look_again(installation: Installation, feature_type: str) -> None:
    """Ask for a look, and have one."""
    with tenant(installation.partner_id):
        ask(Feature.objects.filter(feature_type=feature_type), Cause.STAFF)
    assert look(installation)


def test_each_type_of_the_specification_has_a_handler_and_no_other() -> None:
    assert HANDLERS.keys() == FEATURE_TYPES.keys()
    assert AT_FIRST.keys() == set(EVERY_TYPE)


@every_type
def test_it_appears_with_a_state_and_a_sentence_for_each_step(meta: Meta, feature_type: str) -> None:
    installation = connected(meta, "salon", feature_type)
    assert activation(feature_type).state == State.PENDING
    assert look(installation)
    row = activation(feature_type)
    assert (row.state, row.actor) == AT_FIRST[feature_type]
    assert row.checked_at and row.due_at and row.due_at > row.checked_at
    assert history(row.feature) == [("pending", row.state)]
    for step in row.steps:
        assert sentence(step) != step["step"] and "%(" not in sentence(step)
        assert bool(sentence_for_merchant(step)) == (step.get("actor") == Actor.MERCHANT)


@every_type
def test_a_second_look_finds_the_same_and_writes_nothing_at_meta(meta: Meta, feature_type: str) -> None:
    installation = connected(meta, "salon", feature_type)
    look(installation)
    first, before = activation(feature_type), calls(meta)
    assert not look(installation)
    look_again(installation, feature_type)
    second = activation(feature_type)
    assert (second.state, second.steps, second.state_at) == (first.state, first.steps, first.state_at)
    assert len(history(second.feature)) == 1
    further = {call: times - before.get(call, 0) for call, times in calls(meta).items()}
    assert {call for call, times in further.items() if times and not call.startswith("GET ")} == set()
    assert max(further.values()) <= 1


@every_type
def test_it_is_revised_when_its_assets_change(meta: Meta, feature_type: str) -> None:
    installation = connected(meta, "salon", feature_type)
    look(installation)
    Activation.objects.update(confirmed_by="somebody", confirmed_at=activation(feature_type).checked_at)
    kinds = list(activation(feature_type).feature.connected_assets) or ["page_id"]
    changed(meta, installation, connected_assets={feature_type: dict.fromkeys(kinds, "new")})
    assert look(installation)
    row = activation(feature_type)
    assert row.confirmed_by == "" and row.confirmed_at is None
    assert row.assets == row.feature.connected_assets
    assert (row.state, row.actor) == AT_FIRST[feature_type]


@every_type
def test_it_ends_when_it_goes_and_begins_again_when_it_comes_back(meta: Meta, feature_type: str) -> None:
    installation = connected(meta, "salon", feature_type, "ads" if feature_type != "ads" else "creative")
    look(installation)
    changed(meta, installation, remove=[feature_type])
    assert look(installation)
    row = activation(feature_type)
    assert row.state == State.ENDED and row.due_at is None
    assert history(row.feature)[-1] == (AT_FIRST[feature_type][0], "ended")
    assert not look(installation)
    assert all(not app["page_fields"] for app in meta.counters()["apps"])
    changed(meta, installation, add=[feature_type])
    assert look(installation)
    living = activation(feature_type, feature__removed_at=None)
    assert (living.state, living.actor) == AT_FIRST[feature_type]


@every_type
def test_a_permission_that_is_withheld_is_named_and_asked_of_the_merchant(meta: Meta, feature_type: str) -> None:
    known = FEATURE_TYPES.get(feature_type)
    withheld = list(known.scopes) if known else ["catalog_management"]
    installation = connected(meta, "salon", feature_type)
    meta.change("salon", withheld_scopes=withheld)
    assert look(installation)
    if feature_type not in ASKS_META:
        assert outcome(feature_type) == AT_FIRST[feature_type]
        return
    row = activation(feature_type)
    assert row.state == State.ACTION_NEEDED
    asked = [each for each in row.steps if each["step"] in ("permission", "permissions_missing")]
    named = {scope for each in asked for scope in (each["facts"].get("scopes") or each["facts"]["permissions"])}
    assert asked and named <= set(withheld) and named
    assert any(sentence_for_merchant(each) for each in asked)
    meta.change("salon", withheld_scopes=[])
    look_again(installation, feature_type)
    assert outcome(feature_type) == AT_FIRST[feature_type]


@every_type
def test_with_meta_down_it_is_tried_again_by_itself(meta: Meta, feature_type: str) -> None:
    installation = connected(meta, "salon", feature_type)
    meta.fail("server_error", count=50)
    assert look(installation)
    row = activation(feature_type)
    if feature_type not in ASKS_META:
        assert (row.state, row.actor) == AT_FIRST[feature_type]
        return
    assert row.state == State.FAILED and steps(row)["unreachable"] == "failed"
    assert row.failures == 1 and row.due_at and row.checked_at
    assert 1 < (row.due_at - row.checked_at).total_seconds() < 60
    meta.turn(fail_next=[])
    look_again(installation, feature_type)
    assert outcome(feature_type) == AT_FIRST[feature_type]
    assert activation(feature_type).failures == 0
