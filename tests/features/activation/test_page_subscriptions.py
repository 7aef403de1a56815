"""Lead ads and messaging: one subscription for an app and a Page, whoever needs it."""

from typing import Any

import pytest

from features.activation.asking import ask
from features.activation.models import Activation, PageSubscription
from features.activation.page_subscriptions import FIELDS
from features.graph import assets_for
from features.models import AccessToken, Cause, Feature, Installation
from partners.tenancy import tenant
from tests.features.activation.looking import activation, calls, changed, connected, look, steps, synced
from tests.meta import Meta, hint

State = Activation.State
LEADS, MESSAGES = set(FIELDS["lead_ads"]), set(FIELDS["messaging"])


def subscribed(meta: Meta) -> dict[str, set[str]]:
    """What Meta tells the app about each Page."""
    (app,) = meta.counters()["apps"]
    return {page: set(fields) for page, fields in app["page_fields"].items()}


def page_of(feature_type: str, **which: Any) -> str:
    """The Page of the one feature of this type."""
    return str(Feature.objects.get(feature_type=feature_type, removed_at=None, **which).connected_assets["page_id"])


def writes(meta: Meta) -> int:
    """How often a subscription was written."""
    return sum(
        times for call, times in calls(meta).items() if "/subscribed_apps" in call and not call.startswith("GET")
    )


def overwrite(installation: Installation, page_id: str, *fields: str) -> None:
    """Have somebody else write the app's subscription, past the portal."""
    with tenant(installation.partner_id):
        token = AccessToken.objects.filter(installation=installation).latest("pk").secret
    client = assets_for(installation.meta_app)
    client.subscribe(page_id, client.page_token(page_id, token), fields)


def look_again(installation: Installation) -> None:
    """Have all of its living features looked at."""
    with tenant(installation.partner_id):
        ask(Feature.objects.filter(installation=installation), Cause.STAFF)
    assert look(installation)


def move(meta: Meta, installation: Installation, feature_type: str, page_id: str) -> None:
    """Let the feature stand on another Page."""
    changed(meta, installation, connected_assets={feature_type: {"page_id": page_id}})


def test_two_features_of_a_page_share_one_subscription(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads", "messaging")
    assert look(installation)
    assert subscribed(meta) == {page_of("lead_ads"): LEADS | MESSAGES}
    assert writes(meta) == 1
    for feature_type in ("lead_ads", "messaging"):
        row = activation(feature_type)
        assert (row.state, steps(row)) == (State.ACTIVE, {"page_subscribed": "done"})
        assert set(row.steps[0]["facts"]["fields"]) == LEADS | MESSAGES


def test_a_second_look_writes_nothing(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads")
    look(installation)
    before = PageSubscription.objects.values().get()
    look_again(installation)
    assert writes(meta) == 1
    assert PageSubscription.objects.values().get() == before


def test_the_last_feature_to_go_takes_the_subscription_with_it(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads", "messaging", "page_cta")
    look(installation)
    page_id = page_of("lead_ads")
    changed(meta, installation, remove=["messaging"])
    look(installation)
    assert subscribed(meta) == {page_id: LEADS}
    changed(meta, installation, remove=["lead_ads"])
    look(installation)
    assert subscribed(meta) == {}
    assert not PageSubscription.objects.exists()
    assert {activation(each).state for each in FIELDS} == {State.ENDED}


def test_fields_that_somebody_else_asked_for_stay(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads", "page_cta")
    page_id = page_of("lead_ads")
    overwrite(installation, page_id, "feed", "mention")
    look(installation)
    assert subscribed(meta) == {page_id: LEADS | {"feed", "mention"}}
    changed(meta, installation, remove=["lead_ads"])
    look(installation)
    assert subscribed(meta) == {page_id: {"feed", "mention"}}


def test_what_was_dropped_at_meta_is_asked_for_again(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads", "messaging")
    look(installation)
    overwrite(installation, page_of("lead_ads"), "messages")
    look_again(installation)
    assert subscribed(meta) == {page_of("lead_ads"): LEADS | MESSAGES}


def test_a_page_that_the_feature_has_left_is_told_of_no_more(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads", pages=2)
    look(installation)
    left = page_of("lead_ads")
    move(meta, installation, "lead_ads", "700700700")
    look(installation)
    assert page_of("lead_ads") == "700700700" != left
    assert subscribed(meta) == {"700700700": LEADS}
    assert [each.page_id for each in PageSubscription.objects.all()] == ["700700700"]


def test_a_page_that_meta_no_longer_shows_holds_nothing_up(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads")
    move(meta, installation, "lead_ads", "700700700")
    look(installation)
    move(meta, installation, "lead_ads", "700700701")
    assert look(installation)
    assert activation("lead_ads").state == State.ACTIVE
    assert [each.page_id for each in PageSubscription.objects.all()] == ["700700701"]


def test_a_missing_permission_holds_up_its_own_feature_only(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads", "messaging")
    meta.change("salon", withheld_scopes=["leads_retrieval"])
    look(installation)
    assert subscribed(meta) == {page_of("messaging"): MESSAGES}
    assert activation("messaging").state == State.ACTIVE
    row = activation("lead_ads")
    assert (row.state, row.actor) == (State.ACTION_NEEDED, Activation.Actor.MERCHANT)
    assert "leads_retrieval" in row.steps[-1]["facts"]["scopes"]
    assert "leads_retrieval" in row.steps[-1]["detail"]
    # Granted by and by, it is asked for with the rest.
    meta.change("salon", withheld_scopes=[])
    look_again(installation)
    assert subscribed(meta) == {page_of("messaging"): LEADS | MESSAGES}
    assert {activation(each).state for each in FIELDS} == {State.ACTIVE}
    assert PageSubscription.objects.get().refused == []


def test_a_feature_without_a_missing_permission_asks_for_the_others_field_no_more(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads", "messaging")
    meta.change("salon", withheld_scopes=["leads_retrieval"])
    look(installation)
    before = writes(meta)
    with tenant(installation.partner_id):
        ask([activation("messaging").feature_id], Cause.STAFF)
    look(installation)
    assert writes(meta) == before
    assert activation("messaging").state == State.ACTIVE


def test_without_the_permission_for_pages_nothing_is_written(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads")
    meta.change("salon", withheld_scopes=["pages_manage_metadata"])
    look(installation)
    row = activation("lead_ads")
    assert (row.state, row.actor) == (State.ACTION_NEEDED, Activation.Actor.MERCHANT)
    assert writes(meta) == 0


@pytest.mark.parametrize("kind", ["server_error", "truncated"])
def test_meta_down_during_the_write_is_tried_again(meta: Meta, kind: str) -> None:
    installation = connected(meta, "salon", "lead_ads")
    meta.fail(kind, path="subscription")
    look(installation)
    assert activation("lead_ads").state == State.FAILED
    look_again(installation)
    assert activation("lead_ads").state == State.ACTIVE
    assert subscribed(meta) == {page_of("lead_ads"): LEADS}


def test_a_feature_that_is_switched_off_needs_nothing(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads", "messaging")
    look(installation)
    Feature.objects.filter(feature_type="messaging").update(is_enabled=False)
    look_again(installation)
    assert steps(activation("messaging")) == {"switched_off": "to_do"}
    assert subscribed(meta) == {page_of("lead_ads"): LEADS}


def test_a_feature_without_a_page_says_so(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads")
    changed(meta, installation, connected_assets={"lead_ads": {"page_id": None}})
    look(installation)
    row = activation("lead_ads")
    assert (row.state, steps(row)) == (State.ACTION_NEEDED, {"asset_missing": "to_do"})
    assert subscribed(meta) == {}


def test_two_businesses_on_one_page_share_the_subscription(meta: Meta) -> None:
    salon = connected(meta, "salon", "lead_ads")
    spa = connected(meta, "spa", "messaging", "page_cta")
    page_id = page_of("lead_ads")
    move(meta, spa, "messaging", page_id)
    look(salon)
    look(spa)
    assert subscribed(meta) == {page_id: LEADS | MESSAGES}
    changed(meta, spa, remove=["messaging"])
    # It sees the Page no more; whoever still stands there does.
    look(spa)
    assert look(salon)
    assert subscribed(meta) == {page_id: LEADS}


def test_an_uninstalled_business_leaves_the_others_fields(meta: Meta) -> None:
    salon = connected(meta, "salon", "lead_ads")
    spa = connected(meta, "spa", "messaging")
    page_id = page_of("lead_ads")
    move(meta, spa, "messaging", page_id)
    look(salon)
    look(spa)
    meta.change("salon", uninstall=True)
    hint(salon, says_uninstall=True)
    synced(salon)
    look(salon)
    assert activation("lead_ads").state == State.ENDED
    assert look(spa)
    assert subscribed(meta) == {page_id: MESSAGES}
