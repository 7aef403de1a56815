"""Pixels, ad accounts, Business Managers, Instagram profiles and shops."""

import json
import time
from typing import Any

import pytest
import requests

from tests.sandbox.driver import Json, Meta

FIELDS = "name,last_fired_time,is_unavailable"


def event(**more: Any) -> Json:
    given: Json = {
        "event_name": "PageView",
        "event_time": int(time.time()),
        "action_source": "website",
        "event_source_url": "https://salon.example/",
        "user_data": {"client_user_agent": "Mozilla/5.0"},
    }
    return {name: value for name, value in (given | more).items() if value is not None}


def send(meta: Meta, connected: Json, *events: Json, **more: str) -> requests.Response:
    pixel_id = connected["assets"]["pixel_id"]
    return meta.graph("POST", f"{pixel_id}/events", connected["access_token"], data=json.dumps(events), **more)


def read(meta: Meta, connected: Json, object_id: str, **params: str) -> Json:
    return dict(meta.graph("GET", object_id, connected["access_token"], **params).json())


def counts(meta: Meta, connected: Json) -> dict[str, int]:
    (row,) = read(meta, connected, f"{connected['assets']['pixel_id']}/stats")["data"] or [{"data": []}]
    return {one["value"]: one["count"] for one in row["data"]}


def test_real_events_are_counted_and_set_the_time(meta: Meta) -> None:
    connected = meta.connect("salon", "pixel")
    pixel_id = connected["assets"]["pixel_id"]
    before = read(meta, connected, pixel_id, fields=FIELDS)
    assert before == {"id": pixel_id, "name": "salon, pixel", "is_unavailable": False}
    assert counts(meta, connected) == {}
    answer = send(meta, connected, event(), event(event_name="Purchase"), event()).json()
    assert (answer["events_received"], answer["messages"]) == (3, [])
    assert answer["fbtrace_id"]
    assert read(meta, connected, pixel_id, fields=FIELDS)["last_fired_time"].startswith(time.strftime("%Y-"))
    assert counts(meta, connected) == {"PageView": 2, "Purchase": 1}


def test_test_events_are_kept_apart(meta: Meta) -> None:
    connected = meta.connect("salon", "pixel")
    pixel_id = connected["assets"]["pixel_id"]
    assert send(meta, connected, event(), test_event_code="TEST7").json()["events_received"] == 1
    assert "last_fired_time" not in read(meta, connected, pixel_id, fields=FIELDS)
    assert counts(meta, connected) == {}
    kept = meta.state()["connections"][0]["objects"][pixel_id]["test_events"]
    assert kept == [{"test_event_code": "TEST7", "event_name": "PageView"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"event_name": None},
        {"event_time": None},
        {"event_time": 1},
        {"event_time": 7_000_000_000},
        {"action_source": None},
        {"action_source": "pigeon"},
        {"event_source_url": None},
        {"user_data": {}},
        {"user_data": None},
    ],
)
def test_one_bad_event_refuses_them_all(meta: Meta, wrong: Json) -> None:
    connected = meta.connect("salon", "pixel")
    answer = send(meta, connected, event(), event(**wrong))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
    assert "data[1]" in answer.json()["error"]["message"]
    assert counts(meta, connected) == {}


def test_events_have_a_limit_and_other_sources_need_no_page(meta: Meta) -> None:
    connected = meta.connect("salon", "pixel")
    assert send(meta, connected).status_code == 400
    assert send(meta, connected, *[event()] * 1001).status_code == 400
    phone = event(action_source="phone_call", event_source_url=None, user_data=None)
    assert send(meta, connected, *[phone] * 1000).json()["events_received"] == 1000


def test_a_pixel_can_be_fired_from_outside(meta: Meta) -> None:
    connected = meta.connect("salon", "pixel")
    meta.control("PATCH", "connections/salon", {"fire_pixel": True})
    assert read(meta, connected, connected["assets"]["pixel_id"], fields=FIELDS)["last_fired_time"]


def test_an_ad_account_is_read_by_its_prefixed_id(meta: Meta) -> None:
    connected = meta.connect("salon", "ads")
    ad_account_id = connected["assets"]["ad_account_id"]
    fields = "name,account_status,currency,timezone_name,disable_reason"
    answer = read(meta, connected, f"act_{ad_account_id}", fields=fields)
    assert (answer["id"], answer["account_status"], answer["disable_reason"]) == (f"act_{ad_account_id}", 1, 0)
    assert (answer["currency"], answer["timezone_name"]) == ("HKD", "Asia/Hong_Kong")
    assert read(meta, connected, ad_account_id)["error"]["error_subcode"] == 33
    meta.control("PATCH", "connections/salon", {"ad_account_status": 2})
    answer = read(meta, connected, f"act_{ad_account_id}", fields=fields)
    assert (answer["account_status"], answer["disable_reason"]) == (2, 1)


def test_business_instagram_and_shop_are_read(meta: Meta) -> None:
    connected = meta.connect("salon", "ig_shopping")
    business = read(meta, connected, connected["business_manager_id"], fields="name")
    assert business == {"id": connected["business_manager_id"], "name": "salon"}
    assets = connected["features"][0]["connected_assets"]
    assert read(meta, connected, assets["ig_profile_id"], fields="username,name")["username"] == "salon"
    shop_id, fields = assets["commerce_merchant_settings_id"], "display_name,merchant_status,facebook_channel"
    shop = read(meta, connected, shop_id, fields=fields)
    assert (shop["display_name"], shop["merchant_status"]) == ("salon", "ENABLED")
    meta.control("PATCH", "connections/salon", {"objects": {shop_id: {"merchant_status": "EXTERNALLY_DISABLED"}}})
    assert read(meta, connected, shop_id, fields=fields)["merchant_status"] == "EXTERNALLY_DISABLED"


@pytest.mark.parametrize(
    ("feature_type", "asset", "any_of"),
    [
        ("pixel", "pixel_id", ["ads_read", "ads_management"]),
        ("ads", "ad_account_id", ["ads_read", "ads_management"]),
        ("catalog", "catalog_id", ["catalog_management"]),
        ("fb_shop", "commerce_merchant_settings_id", ["commerce_account_read_settings", "catalog_management"]),
    ],
)
def test_a_read_fails_when_every_permission_for_it_is_withheld(
    meta: Meta, feature_type: str, asset: str, any_of: list[str]
) -> None:
    connected = meta.connect("salon", feature_type)
    object_id = ("act_" if feature_type == "ads" else "") + connected["assets"][asset]
    for number in range(len(any_of)):
        meta.control("PATCH", "connections/salon", {"withheld_scopes": any_of[:number]})
        assert "error" not in read(meta, connected, object_id)
    meta.control("PATCH", "connections/salon", {"withheld_scopes": any_of})
    assert read(meta, connected, object_id)["error"]["code"] == 10
    meta.connect("salon", withheld_scopes=[])
    assert "error" not in read(meta, connected, object_id)


def test_an_instance_can_be_moved_to_other_assets(meta: Meta) -> None:
    connected = meta.connect("salon", "pixel")
    old = connected["assets"]["pixel_id"]
    changed = meta.control("PATCH", "connections/salon", {"connected_assets": {"pixel": {"pixel_id": "new"}}})
    new = changed["features"][0]["connected_assets"]["pixel_id"]
    assert new != old
    assert read(meta, connected, new)["id"] == new
    (model,) = meta.installs("salon", connected["access_token"]).json()["data"]
    assert model["installed_features"][0]["connected_assets"] == {"pixel_id": new}
    changed = meta.control("PATCH", "connections/salon", {"connected_assets": {"pixel": {"pixel_id": None}}})
    assert changed["features"][0]["connected_assets"] == {}
    assert read(meta, connected, new)["error"]["error_subcode"] == 33
