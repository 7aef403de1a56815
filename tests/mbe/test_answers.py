"""Each error of Meta's becomes the leaf that says what may be done about it."""

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbe.answers import error_from_response, read_answer
from mbe.errors import (
    DeadToken,
    DoubtfulAnswer,
    GraphError,
    NotVisible,
    PermissionMissing,
    RateLimited,
    Refused,
    TransientError,
)
from tests.mbe.test_wire import JSON


def error(code: object = None, status: int = 400, headers: dict[str, str] | None = None, **facts: Any) -> GraphError:
    payload = {"error": {"message": "No", "code": code, **facts}}
    return error_from_response(status, headers or {}, payload)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (error(1), TransientError),
        (error(2, 500), TransientError),
        (error(12345, 503), TransientError),
        (error(100, is_transient=True), TransientError),
        (error(4, 403), RateLimited),
        (error(17), RateLimited),
        (error(32), RateLimited),
        (error(341), RateLimited),
        (error(368), RateLimited),
        (error(613), RateLimited),
        (error(80000), RateLimited),
        (error(80014), RateLimited),
        (error(None, 429), RateLimited),
        (error(190, 401), DeadToken),
        (error(190, 200), DeadToken),
        (error("190", error_subcode=463), DeadToken),
        (error(190, 429), DeadToken),
        (error(102), DeadToken),
        (error(100, error_subcode=33), NotVisible),
        (error(100, error_subcode="33"), NotVisible),
        (error(10, 403), PermissionMissing),
        (error(200), PermissionMissing),
        (error(299), PermissionMissing),
        (error(100), Refused),
        (error(3), Refused),
        (error(300), Refused),
        (error(80015), Refused),
        (error(None), Refused),
        (error(True), Refused),
        (error(-1), Refused),
    ],
)
def test_codes_decide_before_the_status(found: GraphError, expected: type[GraphError]) -> None:
    assert type(found) is expected


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (TransientError, True),
        (DoubtfulAnswer, True),
        (RateLimited, True),
        (DeadToken, False),
        (NotVisible, False),
        (PermissionMissing, False),
        (Refused, False),
    ],
)
def test_each_leaf_says_whether_to_call_again(leaf: type[GraphError], expected: bool) -> None:
    assert leaf.is_retryable is expected
    assert issubclass(leaf, GraphError)


def test_an_error_carries_metas_facts() -> None:
    found = error(190, 401, error_subcode=463, error_user_msg="Please log in", fbtrace_id="Abc", message="Expired")
    assert (found.code, found.subcode, found.http_status) == (190, 463, 401)
    assert (found.user_message, found.trace_id, str(found)) == ("Please log in", "Abc", "Expired")


def test_texts_hold_neither_tokens_nor_what_was_named_as_secret() -> None:
    payload = {"error": {"message": "Bad EAABxyz, see https://x.example/?a", "error_user_msg": "hunter2", "code": 100}}
    found = error_from_response(400, {}, payload, ["hunter2"])
    assert str(found) == "Bad ***, see [address]"
    assert found.user_message == "***"


USE_CASES = json.dumps(
    {
        "1": [{"type": "catalog_management", "estimated_time_to_regain_access": 0}],
        "2": [{"estimated_time_to_regain_access": 3}, {"estimated_time_to_regain_access": 19}],
    }
)


@pytest.mark.parametrize(
    ("code", "headers", "wait", "scope"),
    [
        (4, {}, 300, "app"),
        (17, {}, 300, "subject"),
        (368, {}, 3600, "subject"),
        (80008, {"X-Business-Use-Case-Usage": USE_CASES}, 19 * 60, "subject"),
        (80008, {"x-business-use-case-usage": USE_CASES}, 19 * 60, "subject"),
        (4, {"X-Business-Use-Case-Usage": USE_CASES}, 19 * 60, "app"),
        (17, {"X-Ad-Account-Usage": '{"acc_id_util_pct": 100, "reset_time_duration": 100}'}, 100, "subject"),
        (17, {"X-Ad-Account-Usage": '{"reset_time_duration": 0}'}, 300, "subject"),
        (17, {"Retry-After": "42"}, 42, "subject"),
        (17, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 300, "subject"),
        (17, {"X-Business-Use-Case-Usage": "nonsense"}, 300, "subject"),
        (
            17,
            {"X-Business-Use-Case-Usage": '{"1": "x", "2": [1], "3": [{"estimated_time_to_regain_access": "x"}]}'},
            300,
            "subject",
        ),
        (17, {"X-Ad-Account-Usage": '{"reset_time_duration": 1e300}'}, 7 * 24 * 3600, "subject"),
    ],
)
def test_a_limit_lasts_as_long_as_meta_says(code: int, headers: dict[str, str], wait: int, scope: str) -> None:
    found = error(code, headers=headers)
    assert isinstance(found, RateLimited)
    assert (found.wait_seconds, found.scope) == (wait, scope)


def test_a_429_without_json_is_a_limit() -> None:
    with pytest.raises(RateLimited) as caught:
        read_answer(429, {"Retry-After": "7"}, b"slow down")
    assert (caught.value.wait_seconds, caught.value.http_status) == (7, 429)


@pytest.mark.parametrize("body", [b"", b"{", b'{"data": [', b"<html>", b"Service Unavailable", b"\xff", b"NaN"])
@pytest.mark.parametrize("status", [200, 301, 400, 404])
def test_an_answer_that_cannot_be_read_is_doubtful(status: int, body: bytes) -> None:
    with pytest.raises(DoubtfulAnswer):
        read_answer(status, {}, body)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"error": {"code": 9999}}'])
def test_a_failing_server_is_transient(body: bytes) -> None:
    with pytest.raises(TransientError) as caught:
        read_answer(502, {}, body)
    assert not isinstance(caught.value, DoubtfulAnswer)


def test_an_error_with_http_200_is_an_error() -> None:
    with pytest.raises(DeadToken):
        read_answer(200, {}, b'{"error": {"code": 190}, "data": []}')
    with pytest.raises(Refused):
        read_answer(200, {}, b'{"error": "no"}')


def test_no_success_is_doubtful() -> None:
    with pytest.raises(DoubtfulAnswer):
        read_answer(200, {}, b'{"success": false}')


@pytest.mark.parametrize("status", [201, 204, 302, 304, 400, 404])
def test_only_http_200_is_a_success(status: int) -> None:
    with pytest.raises(DoubtfulAnswer):
        read_answer(status, {}, b'{"data": []}')


def test_a_success_is_the_parsed_value() -> None:
    assert read_answer(200, {}, b'{"data": [], "error": null}') == {"data": [], "error": None}


@given(st.integers(100, 599), JSON)
def test_any_error_payload_has_its_leaf(status: int, value: Any) -> None:
    for payload in (value, {"error": value}, {"error": {"code": value, "message": value, "error_subcode": value}}):
        assert isinstance(error_from_response(status, {}, payload), GraphError)


def test_errors_survive_a_trip_through_a_queue() -> None:
    found = error(17, headers={"Retry-After": "42"})
    copy = pickle.loads(pickle.dumps(found))
    assert (type(copy), str(copy), copy.wait_seconds, copy.code) == (RateLimited, "No", 42, 17)
