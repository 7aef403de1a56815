"""Batch requests."""

import json
from typing import Any

import requests

from mbe.signature import appsecret_proof
from tests.sandbox.driver import APP_ID, APP_SECRET, Json, Meta

OUTER = f"{APP_ID}|{APP_SECRET}"


def batch(meta: Meta, operations: Any, token: str = OUTER, **more: str) -> requests.Response:
    return meta.graph("POST", "", token, batch=json.dumps(operations), **more)


def read(name: str, token: str, more: str = "") -> Json:
    url = f"fbe_business/fbe_installs?fbe_external_business_id={name}{more}"
    return {"method": "GET", "relative_url": url, "access_token": token}


def test_answers_come_in_order_each_with_its_own_token(meta: Meta) -> None:
    first, second = meta.connect("a", "pixel")["access_token"], meta.connect("b", "ads")["access_token"]
    answers = batch(meta, [read("a", first), read("b", second), read("a", second)]).json()
    assert [one["code"] for one in answers] == [200, 200, 400]
    types = [json.loads(one["body"])["data"][0]["installed_features"][0]["feature_type"] for one in answers[:2]]
    assert types == ["pixel", "ads"]
    assert json.loads(answers[2]["body"])["error"]["error_subcode"] == 33


def test_headers_come_when_they_are_asked_for(meta: Meta) -> None:
    token = meta.connect("a", "pixel")["access_token"]
    meta.knobs(graph={"fail_next": {"kind": "rate_limit_buc", "path": "installs", "minutes": 7}})
    (answer,) = batch(meta, [read("a", token)], include_headers="true").json()
    headers = {row["name"]: row["value"] for row in answer["headers"]}
    (rows,) = json.loads(headers["X-Business-Use-Case-Usage"]).values()
    assert rows[0]["estimated_time_to_regain_access"] == 7
    assert "headers" not in batch(meta, [read("a", token)], include_headers="false").json()[0]


def test_a_proof_is_checked_for_each_operation(meta: Meta) -> None:
    token = meta.connect("a", "pixel")["access_token"]
    right, wrong = appsecret_proof(token, APP_SECRET), appsecret_proof(token, "other")
    operations = [read("a", token, f"&appsecret_proof={proof}") for proof in (right, wrong)]
    assert [one["code"] for one in batch(meta, operations).json()] == [200, 400]


def test_writes_and_other_edges_work_in_a_batch(meta: Meta) -> None:
    token = meta.connect("a", "page_cta")["access_token"]
    body = 'fbe_external_business_id=a&business_config={"page_cta":{"enabled":false}}'
    write = {"method": "POST", "relative_url": "v25.0/fbe_business", "body": body, "access_token": token}
    look = {"method": "GET", "relative_url": "fbe_business?fbe_external_business_id=a", "access_token": token}
    answers = batch(meta, [write, look]).json()
    assert json.loads(answers[0]["body"]) == {"success": True}
    assert json.loads(answers[1]["body"])["page_cta"]["enabled"] is False


def test_fifty_are_enough(meta: Meta) -> None:
    token = meta.connect("a", "pixel")["access_token"]
    assert len(batch(meta, [read("a", token)] * 50).json()) == 50
    refused = batch(meta, [read("a", token)] * 51)
    assert (refused.status_code, refused.json()["error"]["type"]) == (400, "GraphBatchException")


def test_a_batch_counts_as_one_request_and_many_operations(meta: Meta) -> None:
    token = meta.connect("a", "pixel")["access_token"]
    batch(meta, [read("a", token)] * 3)
    state = meta.state()
    assert (state["requests"], state["operations"]["installs"]) == ({"batch": 1}, 3)
    assert state["max_concurrent_installs"] == {"a": 1}


def test_a_batch_is_counted_by_the_kind_of_what_is_in_it(meta: Meta) -> None:
    token = meta.connect("a", "pixel")["access_token"]
    look = {"method": "GET", "relative_url": "fbe_business?fbe_external_business_id=a", "access_token": token}
    for operations in ([read("a", token)] * 2, [look], [look, read("a", token)], "nonsense"):
        batch(meta, operations)
    assert meta.state()["batches"] == {"installs": 1, "configuration": 1, "mixed": 1, "unreadable": 1}


def test_a_batch_can_be_refused_unreadable_or_without_a_token(meta: Meta) -> None:
    token = meta.connect("a", "pixel")["access_token"]
    assert batch(meta, "nonsense").json()["error"]["code"] == 100
    assert batch(meta, [read("a", token)], token="wrong").json()["error"]["code"] == 190
    meta.knobs(graph={"refuse_batch": True})
    assert batch(meta, [read("a", token)]).json()["error"]["code"] == 3


def test_an_operation_may_stay_unfinished(meta: Meta) -> None:
    token = meta.connect("a", "pixel")["access_token"]
    meta.knobs(graph={"fail_next": {"kind": "unfinished", "path": "installs"}})
    answers = batch(meta, [read("a", token)] * 2).json()
    assert answers[0] is None
    assert answers[1]["code"] == 200


def test_a_fault_without_a_path_hits_the_batch_as_a_whole(meta: Meta) -> None:
    token = meta.connect("a", "pixel")["access_token"]
    meta.knobs(graph={"fail_next": {"kind": "server_error"}})
    assert batch(meta, [read("a", token)]).status_code == 503
    assert batch(meta, [read("a", token)]).status_code == 200
