"""The clients, the settings and the products agree with the sandbox's Meta over real HTTP."""

import time
from collections.abc import Iterator

import pytest

from mbe.assets import AssetClient
from mbe.customizing import InstanceSettings, business_config, differences, observed_settings
from mbe.errors import NotVisible, PermissionMissing, Refused
from mbe.fca import FeatureConfiguration
from mbe.graph import GraphClient
from mbe.products import read_item, request
from sandbox.server import start
from tests.mbe.test_products import ROW
from tests.sandbox.driver import APP_ID, APP_SECRET, Json, Meta


@pytest.fixture
def meta() -> Iterator[Meta]:
    """A sandbox with the standing app."""
    with start() as running:
        meta = Meta(running.url)
        meta.add_app()
        yield meta


@pytest.fixture
def assets(meta: Meta) -> AssetClient:
    return AssetClient(graph_url=meta.url, version="v25.0", app_id=APP_ID, app_secret=APP_SECRET)


@pytest.fixture
def graph(meta: Meta) -> GraphClient:
    return GraphClient(graph_url=meta.url, version="v25.0", app_id=APP_ID, app_secret=APP_SECRET)


def connect(meta: Meta, *features: str, **more: object) -> tuple[str, Json]:
    connected = meta.connect("shop-1", *features, **more)
    return connected["access_token"], connected["assets"]


def test_objects_are_read_and_those_of_others_are_not_visible(meta: Meta, assets: AssetClient) -> None:
    token, owned = connect(meta, "ads", "pixel")
    account = assets.read(f"act_{owned['ad_account_id']}", ["name", "account_status", "currency"], token)
    assert account["account_status"] == 1
    pixel = assets.read(owned["pixel_id"], ["name", "last_fired_time"], token)
    assert pixel["name"] and "last_fired_time" not in pixel
    with pytest.raises(NotVisible):
        assets.read("999", ["name"], token)


def test_a_page_is_subscribed_to_and_left_again(meta: Meta, assets: AssetClient) -> None:
    connected = meta.connect("shop-1", "lead_ads", "messaging")
    token, [page_id] = connected["access_token"], connected["chosen_pages"]
    page_token = assets.page_token(page_id, token)
    assert assets.subscribed_fields(page_id, page_token) == ()
    assets.subscribe(page_id, page_token, ["leadgen", "messages"])
    assets.subscribe(page_id, page_token, ["leadgen"])
    assert assets.subscribed_fields(page_id, page_token) == ("leadgen",)
    assets.unsubscribe(page_id, page_token)
    assert assets.subscribed_fields(page_id, page_token) == ()
    assert assets.token_facts(page_token).type == "PAGE"
    with pytest.raises(PermissionMissing):
        assets.subscribed_fields(page_id, token)


def test_a_token_says_what_it_is_good_for_and_when_it_is_dead(meta: Meta, assets: AssetClient) -> None:
    token, _ = connect(meta, "lead_ads", withheld_scopes=["leads_retrieval"])
    facts = assets.token_facts(token)
    assert facts.is_valid and "pages_manage_metadata" in facts.scopes
    assert "leads_retrieval" not in facts.scopes
    assert not assets.token_facts("no-such-token").is_valid


def test_test_events_are_taken_and_a_bad_one_is_refused_in_words(meta: Meta, assets: AssetClient) -> None:
    token, owned = connect(meta, "pixel")
    event = {"event_name": "Lead", "event_time": int(time.time()), "action_source": "other", "user_data": {}}
    assert assets.send_events(owned["pixel_id"], token, [event], test_event_code="TEST1").received == 1
    with pytest.raises(Refused) as caught:
        assets.send_events(owned["pixel_id"], token, [event | {"event_time": 1}])
    assert "event_time" in caught.value.user_message


def test_products_reach_the_catalog_item_by_item(meta: Meta, assets: AssetClient) -> None:
    token, owned = connect(meta, "catalog")
    catalog_id = owned["catalog_id"]
    rows: list[Json] = [{**ROW, "sale_price": "5.5 USD"}, {**ROW, "id": "sku-2", "price": 1000, "currency": "JPY"}]
    items = [read_item(row, {"USD", "JPY"})[0] for row in rows]
    broken = {"method": "UPDATE", "data": {"id": "sku-9"}}
    batch = assets.items_batch(catalog_id, token, [*(request("UPDATE", item) for item in items), broken])
    assert batch.refused == ()
    statuses = [assets.batch_status(catalog_id, token, batch.handles[0]) for _ in range(2)]
    assert [(status.is_finished, status.has_failed) for status in statuses] == [(False, False), (True, False)]
    assert statuses[1].errors_total_count == 1
    assert [(error.item_id, bool(error.message)) for error in statuses[1].errors] == [("sku-9", True)]
    assert statuses[1].invalid_ids == ("sku-9",)
    assert assets.read(catalog_id, ["product_count"], token)["product_count"] == 2


def test_a_batch_of_the_most_requests_is_taken(meta: Meta, assets: AssetClient) -> None:
    token, owned = connect(meta, "catalog")
    requests = [request("UPDATE", ROW | {"id": f"sku-{number}", "description": "茶" * 50}) for number in range(5000)]
    assert assets.items_batch(owned["catalog_id"], token, requests).handles


def test_one_of_two_pages_buttons_is_changed_and_read_back(meta: Meta, graph: GraphClient) -> None:
    connected = meta.connect("shop-1", "page_cta", pages=2)
    token = connected["access_token"]
    more = {"add": ["page_cta"], "page_id": connected["chosen_pages"][1], "send_webhook": False}
    meta.control("PATCH", "connections/shop-1", more)

    def read() -> list[FeatureConfiguration]:
        features = graph.feature_configuration("shop-1", token).by_instance().values()
        return [entry for entry in features if entry.feature_type == "page_cta"]

    first, second = read()
    wanted = {"enabled": False, "cta_button_text": "預約"}
    change = InstanceSettings("page_cta", second.feature_instance_id, wanted, is_only_one=False)
    graph.update_feature_configuration("shop-1", token, business_config([change]))
    unchanged, changed = read()
    assert unchanged == first
    assert differences(wanted, observed_settings(changed.enabled, changed.settings)) == {}
