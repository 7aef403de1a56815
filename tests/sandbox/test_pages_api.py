"""Pages: reads, tokens of their own, subscriptions, and what comes of them."""

import json
from typing import Any

import pytest

from mbe.signature import appsecret_proof
from tests.sandbox.driver import APP_ID, APP_SECRET, Json, Meta, Receiver, eventually


def page_of(connected: Json, number: int = 0) -> str:
    return str(connected["pages"][number]["page_id"])


def page_token(meta: Meta, connected: Json, number: int = 0) -> str:
    answer = meta.graph("GET", page_of(connected, number), connected["access_token"], fields="access_token")
    return str(answer.json()["access_token"])


def fields_of(meta: Meta, page_id: str, token: str) -> list[str]:
    data = meta.graph("GET", f"{page_id}/subscribed_apps", token).json()["data"]
    return [field for app in data for field in app["subscribed_fields"]]


def error_of(answer: Any) -> tuple[int, int, int | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("error_subcode")


def test_a_page_is_read_with_its_token(meta: Meta) -> None:
    connected = meta.connect("salon", "page_cta")
    page_id, token = page_of(connected), connected["access_token"]
    answer = meta.graph("GET", page_id, token, fields="name,access_token,link").json()
    assert (answer["id"], answer["name"]) == (page_id, "salon")
    assert answer["link"].endswith(page_id)
    assert answer["access_token"] == page_token(meta, connected)
    assert answer["access_token"] != token
    assert set(meta.graph("GET", page_id, token).json()) == {"id", "name"}
    assert error_of(meta.graph("GET", page_id, token, fields="shoe_size")) == (400, 100, None)


def test_a_token_sees_only_what_is_its_own(meta: Meta) -> None:
    connected, other = meta.connect("salon", "page_cta", pages=2), meta.connect("bakery", "page_cta")
    not_visible = (400, 100, 33)
    assert error_of(meta.graph("GET", page_of(other), connected["access_token"])) == not_visible
    assert error_of(meta.graph("GET", "123", connected["access_token"])) == not_visible
    assert error_of(meta.graph("GET", page_of(connected, 1), page_token(meta, connected))) == not_visible
    assert error_of(meta.installs("salon", page_token(meta, connected))) == not_visible
    assert error_of(meta.graph("GET", page_of(other, 1), other["access_token"])) == not_visible
    assert meta.graph("GET", page_of(connected)).json()["error"]["code"] == 104


def test_a_wrong_proof_is_refused(meta: Meta) -> None:
    connected = meta.connect("salon", "page_cta")
    page_id, token = page_of(connected), page_token(meta, connected)
    right, wrong = appsecret_proof(token, APP_SECRET), appsecret_proof(connected["access_token"], APP_SECRET)
    assert meta.graph("GET", page_id, token, appsecret_proof=right).status_code == 200
    assert error_of(meta.graph("GET", page_id, token, appsecret_proof=wrong)) == (400, 100, None)


def test_a_pages_token_dies_with_the_last_of_the_others_and_is_new_afterwards(meta: Meta) -> None:
    connected = meta.connect("salon", "page_cta")
    token = page_token(meta, connected)
    meta.control("PATCH", "connections/salon", {"kill_tokens": 460, "token_kind": "SYSTEM_USER"})
    assert meta.graph("GET", page_of(connected), token).status_code == 200
    meta.control("PATCH", "connections/salon", {"kill_tokens": 460, "token_kind": "USER"})
    assert error_of(meta.graph("GET", page_of(connected), token)) == (401, 190, 460)
    assert page_token(meta, meta.connect("salon")) != token
    asking = f"{APP_ID}|{APP_SECRET}"
    data = meta.graph("GET", "debug_token", asking, input_token=token).json()["data"]
    assert (data["type"], data["profile_id"], data["is_valid"]) == ("PAGE", page_of(connected), False)


def test_a_subscription_is_replaced_read_back_and_removed(meta: Meta) -> None:
    connected = meta.connect("salon", "lead_ads", "messaging")
    page_id, token = page_of(connected), page_token(meta, connected)
    edge = f"{page_id}/subscribed_apps"
    assert meta.graph("GET", edge, token).json() == {"data": []}
    assert meta.graph("POST", edge, token, subscribed_fields="leadgen,messages").json() == {"success": True}
    assert fields_of(meta, page_id, token) == ["leadgen", "messages"]
    meta.graph("POST", edge, token, subscribed_fields="messages")
    (app,) = meta.graph("GET", edge, token).json()["data"]
    assert app == {"id": APP_ID, "name": "Bookly", "subscribed_fields": ["messages"]}
    assert meta.graph("DELETE", edge, token).json() == {"success": True}
    assert meta.graph("GET", edge, token).json() == {"data": []}


def test_a_subscription_needs_the_pages_token_and_known_fields(meta: Meta) -> None:
    connected = meta.connect("salon", "lead_ads")
    edge, token = f"{page_of(connected)}/subscribed_apps", page_token(meta, connected)
    for method in ("GET", "POST", "DELETE"):
        refused = meta.graph(method, edge, connected["access_token"], subscribed_fields="leadgen")
        assert error_of(refused) == (400, 210, None)
    assert error_of(meta.graph("POST", edge, token, subscribed_fields="leadgen,moon")) == (400, 100, None)
    assert error_of(meta.graph("POST", edge, token)) == (400, 100, None)
    assert fields_of(meta, page_of(connected), token) == []


@pytest.mark.parametrize(
    ("withheld", "fields", "status"),
    [
        ("leads_retrieval", "leadgen", 403),
        ("leads_retrieval", "messages", 200),
        ("pages_messaging", "messages,leadgen", 403),
        ("pages_messaging", "leadgen", 200),
        ("pages_manage_metadata", "leadgen", 403),
    ],
)
def test_a_permission_that_is_withheld_refuses_what_needs_it(
    meta: Meta, withheld: str, fields: str, status: int
) -> None:
    connected = meta.connect("salon", "lead_ads")
    token = page_token(meta, connected)
    meta.control("PATCH", "connections/salon", {"withheld_scopes": [withheld]})
    answer = meta.graph("POST", f"{page_of(connected)}/subscribed_apps", token, subscribed_fields=fields)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"]["code"] == 200
        assert answer.json()["error"]["message"] == f"(#200) Requires {withheld} permission"


def test_a_page_without_permission_shows_no_token(meta: Meta) -> None:
    connected = meta.connect("salon", "lead_ads", withheld_scopes=["pages_manage_metadata"])
    assert meta.graph("GET", page_of(connected), connected["access_token"]).status_code == 200
    refused = meta.graph("GET", page_of(connected), connected["access_token"], fields="access_token")
    assert error_of(refused) == (403, 200, None)


def test_leads_and_messages_reach_the_app_of_a_subscribed_page_only(meta: Meta, heard: Receiver) -> None:
    connected = meta.connect("salon", "lead_ads", "messaging")
    page_id, token = page_of(connected), page_token(meta, connected)
    notice = {"app_id": APP_ID, "page_id": page_id, "field": "leadgen"}
    assert meta.control("POST", "page_notices", notice) == {"sent": False}
    meta.graph("POST", f"{page_id}/subscribed_apps", token, subscribed_fields="leadgen,messages")
    assert meta.control("POST", "page_notices", notice)["sent"] is True
    assert meta.control("POST", "page_notices", notice | {"field": "messages"})["sent"] is True
    assert meta.control("POST", "page_notices", notice | {"field": "feed"}) == {"sent": False}
    lead, message = heard.payloads(2)
    (change,) = lead["entry"][0]["changes"]
    assert (lead["object"], change["field"], change["value"]["page_id"]) == ("page", "leadgen", page_id)
    assert change["value"]["leadgen_id"].isdecimal()
    (messaging,) = message["entry"][0]["messaging"]
    assert (message["object"], message["entry"][0]["id"], messaging["recipient"]) == ("page", page_id, {"id": page_id})
    assert eventually(lambda: meta.state()["webhooks_waiting"] == 0)
    assert "message on a Page" in meta.session.get(f"{meta.url}/sandbox/", timeout=10).text


def test_uninstalling_ends_the_subscription(meta: Meta) -> None:
    connected = meta.connect("salon", "lead_ads")
    token = page_token(meta, connected)
    meta.graph("POST", f"{page_of(connected)}/subscribed_apps", token, subscribed_fields="leadgen")
    meta.control("PATCH", "connections/salon", {"uninstall": True})
    notice = {"app_id": APP_ID, "page_id": page_of(connected), "field": "leadgen"}
    assert meta.control("POST", "page_notices", notice) == {"sent": False}


def test_two_businesses_on_one_page_share_the_apps_subscription(meta: Meta) -> None:
    first, second = meta.connect("salon", "lead_ads"), meta.connect("spa", "messaging")
    page_id = page_of(first)
    meta.control("PATCH", "connections/spa", {"connected_assets": {"messaging": {"page_id": page_id}}})
    second = meta.connect("spa", "messaging")
    own = meta.graph("GET", page_id, second["access_token"], fields="access_token").json()["access_token"]
    meta.graph("POST", f"{page_id}/subscribed_apps", page_token(meta, first), subscribed_fields="leadgen")
    assert fields_of(meta, page_id, own) == ["leadgen"]
    meta.control("PATCH", "connections/salon", {"uninstall": True})
    assert fields_of(meta, page_id, own) == ["leadgen"]
    meta.control("PATCH", "connections/spa", {"uninstall": True})
    assert meta.state()["apps"][0]["page_fields"] == {}


def test_a_page_is_read_in_a_batch(meta: Meta) -> None:
    connected = meta.connect("salon", "page_cta")
    relative = f"{page_of(connected)}?fields=name"
    batch = json.dumps([{"method": "GET", "relative_url": relative}, {"method": "GET", "relative_url": "1?fields=id"}])
    first, second = meta.graph("POST", "", connected["access_token"], batch=batch).json()
    assert (first["code"], json.loads(first["body"])["name"]) == (200, "salon")
    assert (second["code"], json.loads(second["body"])["error"]["error_subcode"]) == (400, 33)
