"""The login dialog."""

from collections.abc import Iterator
from typing import Any

import pytest

from mbe.catalog import INTENTS, VERTICALS
from sandbox.server import start
from tests.sandbox.driver import Meta, returned


@pytest.fixture(scope="module")
def shared() -> Iterator[Meta]:
    with start() as running:
        meta = Meta(running.url)
        meta.add_app()
        yield meta


def page(meta: Meta, url: str) -> str:
    return meta.session.get(url, timeout=10).text


@pytest.mark.parametrize(("vertical", "intent"), INTENTS)
def test_each_intent_of_each_vertical_installs_its_features(shared: Meta, vertical: str, intent: str) -> None:
    row, name = INTENTS[vertical, intent], f"{vertical}-{intent}"
    url = shared.dialog_url(name, vertical, intent)
    token = shared.login(url, intent)
    assert shared.features(name, token) == sorted(row.required)
    token = shared.login(url, intent, optional=[f"{intent}:{feature}" for feature in row.optional])
    assert shared.features(name, token) == sorted(row.features)


@pytest.mark.parametrize("vertical", VERTICALS)
def test_the_menu_shows_the_intents_of_the_vertical_and_no_other(shared: Meta, vertical: str) -> None:
    text = page(shared, shared.dialog_url("menu", vertical))
    names = {intent for _, intent in INTENTS}
    shown = {name for name in names if f'data-testid="intent-{name}"' in text}
    assert shown == {intent for owner, intent in INTENTS if owner == vertical}


def test_every_impossible_pair_is_refused(shared: Meta) -> None:
    intents = {intent for _, intent in INTENTS}
    pairs = [(v, i) for v in VERTICALS for i in intents if (v, i) not in INTENTS]
    statuses = {shared.session.get(shared.dialog_url("x", v, i), timeout=10).status_code for v, i in pairs}
    assert statuses == {400}


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": {"client_id": "999"}},
        {"query": {"redirect_uri": "http://portal.example/"}},
        {"query": {"redirect_uri": None}},
        {"query": {"redirect_uri": "http://["}},
        {"query": {"redirect_uri": "https://portal.example/#here"}},
        {"query": {"response_type": "token"}},
        {"query": {"scope": "ads_management"}},
        {"query": {"extras": "{"}},
        {"query": {"extras": None}},
        {"extras": {"repeat": True}},
        {"extras": {"business_config": {}}},
        {"extras": {"business_config": None}},
        {"extras": {"setup": []}},
        {"extras": {"flow_config": [], "setup": {"external_business_id": "a"}}},
        {"setup": {"external_business_id": None}},
        {"setup": {"timezone": "+08:00"}},
        {"setup": {"timezone": None}},
        {"setup": {"currency": "hkd"}},
        {"setup": {"intent": "CONVERSIONS_API", "currency": 7}},
        {"setup": {"business_vertical": "SPACE"}},
        {"setup": {"channel": "CARRIER_PIGEON"}},
        {"setup": {"intent": "CHECKBOX_PLUGIN", "domain": None}},
        {"setup": {"flow_config": "yes"}},
    ],
)
def test_a_wrong_link_gets_an_error_page_and_never_returns(shared: Meta, wrong: dict[str, Any]) -> None:
    answer = shared.choose(shared.dialog_url("wrong", **wrong), "IG_SERVICES")
    assert answer.status_code == 400
    assert 'data-testid="dialog-error"' in answer.text


def test_an_intent_whose_features_the_app_has_not_is_refused(meta: Meta) -> None:
    meta.add_app(features=["ig_cta", "catalog"])
    assert meta.session.get(meta.dialog_url(intent="FB_SERVICES"), timeout=10).status_code == 400
    text = page(meta, meta.dialog_url(intent="IG_SERVICES"))
    assert 'data-testid="intent-IG_SERVICES"' in text
    assert 'data-testid="intent-ADS"' not in text


def test_code_and_state_come_back(meta: Meta) -> None:
    assert set(returned(meta.choose(meta.dialog_url(), "IG_SERVICES"))) == {"code", "state"}
    assert returned(meta.choose(meta.dialog_url(), "IG_SERVICES"))["state"] == "st4te"


def test_cancelling_goes_back_with_metas_words_and_connects_nothing(meta: Meta) -> None:
    query = returned(meta.choose(meta.dialog_url(), "IG_SERVICES", action="cancel"))
    assert query == {
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
        "state": "st4te",
    }
    assert meta.state()["connections"] == []


def test_the_named_intent_comes_first_and_is_chosen(meta: Meta) -> None:
    text = page(meta, meta.dialog_url(intent="ADS"))
    assert text.index("intent-ADS") < text.index("intent-FB_SERVICES")
    assert 'data-testid="intent-ADS" checked' in text
    assert 'data-testid="intent-FB_SERVICES" checked' not in text


def test_flow_config_is_read_at_both_places(meta: Meta) -> None:
    inside = meta.dialog_url()
    beside = meta.dialog_url(setup={"flow_config": None}, extras={"flow_config": {"use_minimal_onboarding": True}})
    for url in (inside, beside):
        assert 'data-testid="feature-menu"' in page(meta, url)
    assert 'data-testid="v2-dialog"' in page(meta, meta.dialog_url(setup={"flow_config": None}))


def test_the_v2_interface_installs_the_intent_or_channel_that_was_named(meta: Meta) -> None:
    url = meta.dialog_url("by-intent", "ECOMMERCE", "CONVERSIONS_API", minimal=False)
    assert meta.features("by-intent", meta.login(url)) == ["ads", "pixel"]
    url = meta.dialog_url("by-channel", "ECOMMERCE", minimal=False, setup={"channel": "MESSENGER_CHAT"})
    assert meta.features("by-channel", meta.login(url)) == ["messenger_chat"]


def test_entering_again_shows_what_is_on_and_turns_off_what_is_unchecked(meta: Meta) -> None:
    url = meta.dialog_url()
    meta.login(url, "IG_SERVICES", "CONVERSIONS_API", optional=["CONVERSIONS_API:ads"])
    text = page(meta, url)
    assert 'data-testid="intent-IG_SERVICES" checked' in text
    assert 'data-testid="optional-CONVERSIONS_API-ads" checked' in text
    token = meta.login(url, "CONVERSIONS_API")
    assert meta.features("salon", token) == ["pixel"]


def test_what_stays_keeps_its_instance(meta: Meta) -> None:
    url = meta.dialog_url()
    meta.login(url, "IG_SERVICES")
    before = {one["feature_instance_id"] for one in meta.state()["connections"][0]["features"]}
    meta.login(url, "IG_SERVICES", "MESSENGER_CHAT")
    after = {one["feature_instance_id"] for one in meta.state()["connections"][0]["features"]}
    assert before < after


def test_a_second_vertical_is_locked_to_the_business_and_leaves_the_first_alone(meta: Meta) -> None:
    meta.login(meta.dialog_url("salon", "APPOINTMENTS"), "FB_SERVICES")
    (first,) = meta.state()["connections"]
    assert first["business_manager_id"] in page(meta, meta.dialog_url("salon", "ECOMMERCE"))
    token = meta.login(meta.dialog_url("salon", "ECOMMERCE"), "ADS")
    (second,) = meta.state()["connections"]
    assert second["business_manager_id"] == first["business_manager_id"]
    assert first["assets"].items() <= second["assets"].items()
    appointments = INTENTS["APPOINTMENTS", "FB_SERVICES"].required
    assert meta.features("salon", token) == sorted({*appointments, "ads", "pixel"})
    token = meta.login(meta.dialog_url("salon", "ECOMMERCE"))
    assert meta.features("salon", token) == sorted(appointments)


def test_without_a_page_only_what_needs_none_is_installed(meta: Meta) -> None:
    token = meta.login(meta.dialog_url("shop", "ECOMMERCE"), "FB_SERVICES", pages="none")
    assert meta.features("shop", token) == ["catalog", "fb_shop"]
    (model,) = meta.installs("shop", token).json()["data"]
    assert "pages" not in model


def test_nothing_chosen_or_nothing_possible_is_said_on_the_page(meta: Meta) -> None:
    nothing = meta.choose(meta.dialog_url())
    assert (nothing.status_code, "Choose at least one" in nothing.text) == (200, True)
    impossible = meta.choose(meta.dialog_url(), "MESSENGER_CHAT", pages="none")
    assert (impossible.status_code, "needs a Page" in impossible.text) == (200, True)


def test_two_pages_have_a_button_each(meta: Meta) -> None:
    token = meta.login(meta.dialog_url(), "FB_SERVICES", pages="both")
    (model,) = meta.installs("salon", token).json()["data"]
    ctas = [one for one in model["installed_features"] if one["feature_type"] == "page_cta"]
    assert [one["connected_assets"]["page_id"] for one in ctas] == model["pages"]
    assert len(model["pages"]) == 2
    cards = [one for one in model["installed_features"] if one["feature_type"] == "page_card"]
    assert len(cards) == 1


def test_another_page_can_be_chosen_later(meta: Meta) -> None:
    meta.login(meta.dialog_url(), "FB_SERVICES", pages="first")
    token = meta.login(meta.dialog_url(), "FB_SERVICES", pages="second")
    (model,) = meta.installs("salon", token).json()["data"]
    pages = {one["connected_assets"].get("page_id") for one in model["installed_features"]} - {None}
    assert pages == set(model["pages"])
    assert len(pages) == 1


def test_business_config_configures_what_is_installed(meta: Meta) -> None:
    token = meta.login(meta.dialog_url(), "FB_SERVICES")
    answer = meta.graph("GET", "fbe_business", token, fbe_external_business_id="salon").json()
    assert answer["page_cta"]["cta_button_text"] == "Book Now"
    assert answer["business"] == {"name": "Salon"}


def test_a_vertical_without_intents_offers_its_features(meta: Meta) -> None:
    token = meta.login(meta.dialog_url("chat", "MESSAGING"), "messaging", "thread_intent")
    assert meta.features("chat", token) == ["messaging", "thread_intent"]


def test_an_asset_that_the_link_names_is_used(meta: Meta) -> None:
    url = meta.dialog_url("shop", "ECOMMERCE", setup={"pixel_id": "4242"})
    (model,) = meta.installs("shop", meta.login(url, "CONVERSIONS_API")).json()["data"]
    assert model["pixel_id"] == "4242"


def test_after_an_uninstall_the_business_comes_back_to_its_portfolio(meta: Meta) -> None:
    meta.login(meta.dialog_url(), "IG_SERVICES")
    (before,) = meta.state()["connections"]
    meta.control("PATCH", "connections/salon", {"uninstall": True})
    token = meta.login(meta.dialog_url(), "IG_SERVICES")
    (model,) = meta.installs("salon", token).json()["data"]
    assert model["business_manager_id"] == before["business_manager_id"]


def test_what_needs_a_domain_cannot_be_chosen_without_one(meta: Meta) -> None:
    url = meta.dialog_url(setup={"domain": None})
    assert 'data-testid="intent-CHECKBOX_PLUGIN" disabled' in page(meta, url)
    token = meta.login(url, "CHECKBOX_PLUGIN", "IG_SERVICES")
    assert meta.features("salon", token) == ["catalog", "ig_cta"]


def test_what_was_added_elsewhere_is_on_and_can_be_turned_off(meta: Meta) -> None:
    meta.connect("salon", "ig_cta", "catalog", "messenger_chat")
    text = page(meta, meta.dialog_url())
    assert 'data-testid="intent-IG_SERVICES" checked' in text
    assert 'data-testid="intent-ADS" checked' not in text
    token = meta.login(meta.dialog_url(), "MESSENGER_CHAT")
    assert meta.features("salon", token) == ["messenger_chat"]


def test_a_page_that_another_vertical_uses_stays(meta: Meta) -> None:
    meta.login(meta.dialog_url("salon", "APPOINTMENTS"), "FB_SERVICES")
    token = meta.login(meta.dialog_url("salon", "ECOMMERCE"), "ADS", pages="none")
    (model,) = meta.installs("salon", token).json()["data"]
    used = {one["connected_assets"].get("page_id") for one in model["installed_features"]} - {None}
    assert set(model["pages"]) == used
    assert len(used) == 1


def test_a_page_that_the_link_names_is_chosen_beforehand(meta: Meta) -> None:
    meta.login(meta.dialog_url(), "FB_SERVICES", pages="first")
    (before,) = meta.state()["connections"]
    other = before["pages"][1]["page_id"]
    url = meta.dialog_url(setup={"page_id": other, "business_manager_id": before["business_manager_id"]})
    assert 'data-testid="pages-second" checked' in page(meta, url)


@pytest.mark.parametrize("name", ["page_id", "business_manager_id"])
def test_a_page_or_portfolio_of_somebody_else_is_refused(meta: Meta, name: str) -> None:
    url = meta.dialog_url(setup={name: "4711"})
    for _ in range(2):
        for answer in (meta.session.get(url, timeout=10), meta.choose(url, "IG_SERVICES")):
            assert (answer.status_code, f"extras.setup.{name}" in answer.text) == (400, True)
        meta.login(meta.dialog_url(), "IG_SERVICES")
