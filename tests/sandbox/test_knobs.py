"""Knobs of the Graph API, and how knobs are turned."""

import json
import time
from threading import Thread
from typing import Any

import pytest
import requests

from sandbox.meter import MOST_CALLS, Meter
from tests.sandbox.driver import Meta, eventually


def fails(meta: Meta, **fault: Any) -> requests.Response:
    """The answer of the installs API under that fault; the next one is good again."""
    token = meta.connect("shop", "pixel")["access_token"]
    meta.knobs(graph={"fail_next": fault})
    answer = meta.installs("shop", token)
    assert meta.installs("shop", token).json()["data"]
    return answer


@pytest.mark.parametrize(
    ("kind", "status", "code", "subcode"),
    [
        ("rate_limit_app", 403, 4, None),
        ("rate_limit_user", 400, 17, 2446079),
        ("rate_limit_buc", 400, 80009, None),
        ("dead_token", 401, 190, 460),
        ("server_error", 503, 2, None),
        ("error_with_200", 200, 2, None),
        ("permission", 403, 10, None),
        ("not_visible", 400, 100, 33),
        ("unfinished", 500, 1, None),
    ],
)
def test_each_error_has_its_status_and_code(meta: Meta, kind: str, status: int, code: int, subcode: int | None) -> None:
    answer = fails(meta, kind=kind, subcode=460)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error.get("error_subcode")) == (status, code, subcode)


def test_bodies_can_be_html_empty_cut_or_say_no(meta: Meta) -> None:
    html = fails(meta, kind="html_error")
    assert (html.status_code, html.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert fails(meta, kind="empty_body").content == b""
    cut = fails(meta, kind="truncated")
    assert cut.status_code == 200
    assert cut.text.startswith('{"data"')
    with pytest.raises(ValueError):
        cut.json()
    assert fails(meta, kind="success_false").json() == {"success": False}


def test_an_error_can_repeat_the_call_with_its_token(meta: Meta) -> None:
    for kind, status in (("echo", 400), ("echo_page", 502)):
        answer = fails(meta, kind=kind)
        assert answer.status_code == status
        sent = str(answer.request.headers["Authorization"]).partition(" ")[2]
        assert sent in answer.text and "fbe_external_business_id=shop" in answer.text


def test_limits_say_how_long_in_metas_units(meta: Meta) -> None:
    assert json.loads(fails(meta, kind="rate_limit_app").headers["X-App-Usage"])["call_count"] == 100
    user = json.loads(fails(meta, kind="rate_limit_user", minutes=2).headers["X-Ad-Account-Usage"])
    assert user["reset_time_duration"] == 120
    business = json.loads(fails(meta, kind="rate_limit_buc", minutes=19).headers["X-Business-Use-Case-Usage"])
    (manager,) = business
    assert manager == meta.state()["connections"][0]["business_manager_id"]
    assert business[manager][0]["estimated_time_to_regain_access"] == 19


def test_a_fault_waits_for_its_path_its_business_and_its_count(meta: Meta) -> None:
    tokens = {name: meta.connect(name, "pixel")["access_token"] for name in ("a", "b")}
    meta.knobs(
        graph={"fail_next": {"kind": "server_error", "path": "installs", "external_business_id": "b", "count": 2}}
    )
    meta.graph("GET", "fbe_business", tokens["b"], fbe_external_business_id="b").raise_for_status()
    meta.installs("a", tokens["a"]).raise_for_status()
    assert [meta.installs("b", tokens["b"]).status_code for _ in range(3)] == [503, 503, 200]


def test_slow_answers_are_in_flight_meanwhile(meta: Meta) -> None:
    token = meta.connect("shop", "pixel")["access_token"]
    meta.knobs(graph={"slow_seconds": 3})
    began = time.monotonic()
    calls = [Thread(target=lambda: Meta(meta.url).installs("shop", token)) for _ in range(2)]
    for call in calls:
        call.start()
    assert eventually(lambda: meta.state()["in_flight"] == {"shop": 2})
    for call in calls:
        call.join()
    assert time.monotonic() - began >= 3
    assert (meta.state()["in_flight"], meta.state()["max_concurrent_installs"]) == ({}, {"shop": 2})


def test_calls_of_a_held_path_wait_until_it_is_let_go(meta: Meta) -> None:
    token = meta.connect("shop", "pixel")["access_token"]
    meta.knobs(graph={"hold": "installs"})
    statuses: list[int] = []
    call = Thread(target=lambda: statuses.append(Meta(meta.url).installs("shop", token).status_code))
    call.start()
    assert eventually(lambda: meta.state()["in_flight"] == {"shop": 1})
    meta.graph("GET", "fbe_business", token, fbe_external_business_id="shop").raise_for_status()
    assert meta.state()["in_flight"] == {"shop": 1} and not statuses
    meta.knobs(graph={"hold": ""})
    call.join(timeout=10)
    assert statuses == [200] and meta.state()["in_flight"] == {}


def test_every_call_is_counted_by_its_words_and_without_its_secrets(meta: Meta) -> None:
    connected = meta.connect("shop", "catalog")
    token, catalog_id = connected["access_token"], connected["assets"]["catalog_id"]
    for _ in range(2):
        meta.graph("GET", catalog_id, token, fields="name,product_count", appsecret_proof="0", access_token=token)
    write = {"fbe_external_business_id": "shop", "business_config": "{}"}
    meta.graph("POST", "fbe_business", token, **write)
    batch = json.dumps([{"method": "GET", "relative_url": f"{catalog_id}?fields=name,product_count"}])
    meta.graph("POST", "", token, batch=batch)
    params = {"grant_type": "fb_exchange_token", "client_id": "1", "client_secret": "s3cret"}
    meta.graph("GET", "oauth/access_token", fb_exchange_token=token, **params)
    calls = meta.state()["calls"]
    assert calls[f"GET {catalog_id}?fields=name,product_count"] == 3
    assert calls["POST fbe_business?fbe_external_business_id=shop"] == 1
    assert token not in str(calls) and "s3cret" not in str(calls)
    meta.control("POST", "reset", {"only": ["counters"]})
    assert meta.state()["calls"] == {}


def test_what_is_counted_by_its_words_has_an_end() -> None:
    meter = Meter()
    for number in range(MOST_CALLS + 2):
        meter.call(f"GET {number}")
    meter.call("GET 0")
    calls = meter.as_json()["calls"]
    assert (len(calls), calls["GET 0"], calls["other"]) == (MOST_CALLS + 1, 2, 2)


def test_a_fault_finds_the_business_of_a_token(meta: Meta) -> None:
    shops = {name: meta.connect(name, "pixel") for name in ("a", "b")}
    meta.knobs(graph={"fail_next": {"kind": "not_visible", "path": "pixel", "external_business_id": "b"}})
    answers = {name: meta.graph("GET", one["assets"]["pixel_id"], one["access_token"]) for name, one in shops.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == {"a": 200, "b": 400}
    assert shops["b"]["assets"]["pixel_id"] in answers["b"].json()["error"]["message"]


def test_an_invented_type_and_v2_are_there_when_asked_for(meta: Meta) -> None:
    token = meta.connect("shop", "pixel")["access_token"]
    meta.knobs(graph={"unknown_feature_types": True})
    invented = meta.installs("shop", token).json()["data"][0]["installed_features"][1]
    assert invented["feature_type"] == "hologram_booth"
    assert invented["hologram_mode"] == "walk_in"
    meta.knobs(graph={"v2_payloads": True})
    assert "installed_features" not in meta.installs("shop", token).json()["data"][0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"weather": {}},
        {"graph": {"slow": 1}},
        {"graph": {"slow_seconds": "fast"}},
        {"graph": {"slow_seconds": -1}},
        {"graph": {"hold": "everything"}},
        {"webhooks": {"drop": 1}},
        {"webhooks": []},
        {"graph": {"fail_next": {"kind": "earthquake"}}},
        {"graph": {"fail_next": {"kind": "slow", "path": "moon"}}},
        {"graph": {"fail_next": {"kind": "slow", "colour": "red"}}},
        {"graph": {"fail_next": "slow"}},
    ],
)
def test_a_wrong_turn_is_refused_and_nothing_is_turned(meta: Meta, wrong: Any) -> None:
    before = meta.control("GET", "knobs")
    body = {"webhooks": {"duplicate": True}} | wrong
    answer = meta.session.put(f"{meta.url}/sandbox/api/knobs", json=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert meta.control("GET", "knobs") == before


def test_knobs_go_back(meta: Meta) -> None:
    before = meta.control("GET", "knobs")
    meta.knobs(webhooks={"drop": True}, graph={"fail_next": [{"kind": "slow"}, {"kind": "permission"}]})
    assert meta.control("GET", "knobs") != before
    assert meta.control("DELETE", "knobs") == before


def test_the_page_turns_knobs_adds_faults_and_resets(meta: Meta) -> None:
    page = f"{meta.url}/sandbox/"
    form = {"action": "turn", "webhooks-drop": "on", "webhooks-batch": "4", "graph-slow_seconds": "0.5"}
    meta.session.post(page, data=form, timeout=10).raise_for_status()
    meta.session.post(page, data={"action": "fault", "kind": "permission", "count": "2"}, timeout=10).raise_for_status()
    knobs = meta.control("GET", "knobs")
    assert (knobs["webhooks"]["drop"], knobs["webhooks"]["batch"], knobs["graph"]["slow_seconds"]) == (True, 4, 0.5)
    assert [(one["kind"], one["count"]) for one in knobs["graph"]["fail_next"]] == [("permission", 2)]
    wrong = meta.session.post(page, data={"action": "turn", "webhooks-delay_seconds": "-1"}, timeout=10)
    assert wrong.status_code == 400
    text = meta.session.post(page, data={"action": "reset_knobs"}, timeout=10).text
    assert 'data-testid="knob-webhooks-drop">' in text
