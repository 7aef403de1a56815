"""Delivery of webhooks and its knobs."""

import json
import time
from typing import Any

from mbe.signature import is_valid
from tests.sandbox.driver import APP_ID, APP_SECRET, Meta, Receiver, eventually


def install(meta: Meta, name: str = "shop", *features: str) -> Any:
    return meta.connect(name, *(features or ("pixel",)), send_webhook=True)


def test_a_login_is_told_with_the_token_and_what_is_installed(meta: Meta, heard: Receiver) -> None:
    meta.choose(meta.dialog_url(intent="ADS"), "ADS")
    (payload,) = heard.payloads(1)
    assert payload["object"] == "user"
    (entry,) = payload["entry"]
    assert entry["id"] == entry["uid"]
    assert abs(entry["time"] - time.time()) < 60
    value = entry["changes"][0]["value"]
    assert (value["business_id"], value["fbe_event"], value["flow"]) == ("salon", "INSTALL", "ADS")
    (model,) = meta.installs("salon", value["access_token"]).json()["data"]
    assert model.items() <= value.items()


def test_bodies_are_signed_and_escaped(meta: Meta, heard: Receiver) -> None:
    install(meta, "café")
    heard.payloads(1)
    assert is_valid(heard.bodies[0], heard.signatures[0], APP_SECRET)
    assert b"caf\\u00e9" in heard.bodies[0]


def test_the_first_install_also_makes_the_system_user_known(meta: Meta, heard: Receiver) -> None:
    meta.knobs(webhooks={"business_integration": True})
    install(meta)
    install(meta, "shop", "ads")
    fields = [payload["entry"][0]["changes"][0]["field"] for payload in heard.payloads(3)]
    assert fields == ["fbe_install", "business_integration_install", "fbe_install"]


def test_a_failed_delivery_is_tried_again_and_logged(meta: Meta, heard: Receiver) -> None:
    heard.statuses = [500, 503, 404]
    install(meta)
    assert len(heard.payloads(4)) == 4
    assert len(set(heard.bodies)) == 1
    assert eventually(lambda: meta.state()["webhooks_waiting"] == 0)
    (delivery,) = meta.state()["webhooks"]
    assert [one["status_code"] for one in delivery["attempts"]] == [500, 503, 404, 200]
    assert delivery["status"] == "delivered"


def test_an_app_that_is_away_gets_it_later(meta: Meta, receiver: Receiver) -> None:
    meta.knobs(webhooks={"retry_seconds": 0.05, "business_integration": False})
    meta.add_app(callback_url="http://127.0.0.1:1/")
    install(meta)
    assert eventually(lambda: len(meta.state()["webhooks"][0]["attempts"]) > 1)
    meta.add_app(callback_url=receiver.url)
    assert len(receiver.payloads(1)) == 1


def test_dropped_notices_never_come(meta: Meta, heard: Receiver) -> None:
    meta.knobs(webhooks={"drop": True})
    install(meta)
    meta.knobs(webhooks={"drop": False})
    install(meta, "later")
    assert [value["business_id"] for value in heard.values(1)] == ["later"]
    assert {one["status"] for one in meta.state()["webhooks"]} == {"dropped", "delivered"}


def test_a_delay_delays(meta: Meta, heard: Receiver) -> None:
    meta.knobs(webhooks={"delay_seconds": 0.4})
    install(meta)
    time.sleep(0.2)
    assert heard.bodies == []
    assert len(heard.payloads(1)) == 1


def test_duplicates_have_the_same_bytes(meta: Meta, heard: Receiver) -> None:
    meta.knobs(webhooks={"duplicate": True})
    install(meta)
    heard.payloads(2)
    assert heard.bodies[0] == heard.bodies[1]


def test_the_order_can_be_wrong(meta: Meta, heard: Receiver) -> None:
    meta.knobs(webhooks={"reorder": True})
    install(meta, "first")
    install(meta, "second")
    assert [value["business_id"] for value in heard.values(2)] == ["second", "first"]


def test_several_notices_go_into_one_body(meta: Meta, heard: Receiver) -> None:
    meta.knobs(webhooks={"batch": 3})
    for name in ("a", "b", "c", "d"):
        install(meta, name)
    assert [value["business_id"] for value in heard.values(3)] == ["a", "b", "c"]
    assert len(heard.bodies) == 1
    meta.control("POST", "webhooks/flush")
    assert [value["business_id"] for value in heard.values(4)][3] == "d"


def test_a_notice_is_not_held_back_for_ever(meta: Meta, heard: Receiver) -> None:
    meta.knobs(webhooks={"batch": 3, "batch_wait_seconds": 0.1})
    install(meta)
    assert len(heard.values(1)) == 1


def test_v2_payloads_have_no_installed_features(meta: Meta, heard: Receiver) -> None:
    meta.knobs(webhooks={"v2_payloads": True})
    install(meta)
    (value,) = heard.values(1)
    assert "installed_features" not in value
    assert "pixel_id" in value


def test_bare_payloads_have_the_model_and_the_business(meta: Meta, heard: Receiver) -> None:
    meta.knobs(webhooks={"bare_payloads": True})
    token = install(meta)["access_token"]
    (payload,) = heard.payloads(1)
    (model,) = meta.installs("shop", token).json()["data"]
    assert payload == {"data": [{"business_id": "shop", **model}]}


def test_the_token_can_be_left_out(meta: Meta, heard: Receiver) -> None:
    meta.knobs(webhooks={"omit_token": True})
    install(meta)
    assert "access_token" not in heard.values(1)[0]


def test_any_body_can_be_sent_signed_or_not(meta: Meta, heard: Receiver) -> None:
    meta.control("POST", "webhooks", {"app_id": APP_ID, "body": {"object": "page"}})
    meta.control("POST", "webhooks", {"app_id": APP_ID, "body": "not json", "sign": False})
    assert eventually(lambda: len(heard.bodies) == 2)
    assert json.loads(heard.bodies[0]) == {"object": "page"}
    assert is_valid(heard.bodies[0], heard.signatures[0], APP_SECRET)
    assert (heard.bodies[1], heard.signatures[1]) == (b"not json", None)
