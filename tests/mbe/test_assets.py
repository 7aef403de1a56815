"""The client of assets speaks to Meta as the specification says, and takes no doubtful answer for a fact."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from mbe.assets import AssetClient, EventsAnswer, TokenFacts
from mbe.errors import DeadToken, DoubtfulAnswer, GraphError, PermissionMissing, Refused
from mbe.signature import appsecret_proof
from tests.mbe.stand_ins import MountedMeta, raw_server

APP_SECRET = "app-secret-of-ours"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PAGE, PIXEL = "500", "600"

Ask = Callable[[AssetClient], object]
READS: dict[str, Ask] = {
    "object": lambda assets: assets.read(PAGE, ["name"], "T"),
    "Page token": lambda assets: assets.page_token(PAGE, "T"),
    "subscription": lambda assets: assets.subscribed_fields(PAGE, "P"),
    "subscribing": lambda assets: assets.subscribe(PAGE, "P", ["leadgen"]),
    "unsubscribing": lambda assets: assets.unsubscribe(PAGE, "P"),
    "token": lambda assets: assets.token_facts("T"),
    "events": lambda assets: assets.send_events(PIXEL, "T", [{}]),
}


def client(meta: MountedMeta) -> AssetClient:
    return AssetClient(
        graph_url="https://graph.example/",
        version="v25.0",
        app_id="123",
        app_secret=APP_SECRET,
        session=meta.session(),
        # The stand-in takes its time over the largest bodies, on a busy machine more than a call may take.
        timeout=120,
    )


def test_an_object_is_read_with_the_fields_named_and_the_token_in_the_header() -> None:
    meta = MountedMeta({"id": "act_77", "account_status": 1})
    assert client(meta).read("act_77", ("account_status", "currency"), "T") == {"id": "act_77", "account_status": 1}
    [call] = meta.calls
    assert (call.method, call.path) == ("GET", "/v25.0/act_77")
    assert call.query == {
        "fields": "account_status,currency",
        "appsecret_proof": appsecret_proof("T", APP_SECRET),
    }
    assert call.headers["Authorization"] == "Bearer T"


@pytest.mark.parametrize("object_id", ["", "0x1", "12/13", "act_", "act_1?x", "me", "12\n", "\u0661", "../1"])
def test_an_id_that_is_none_of_metas_is_refused_before_the_call(object_id: str) -> None:
    meta = MountedMeta()
    asks: list[Ask] = [
        lambda assets: assets.read(object_id, ["name"], "T"),
        lambda assets: assets.page_token(object_id, "T"),
        lambda assets: assets.subscribed_fields(object_id, "P"),
        lambda assets: assets.subscribe(object_id, "P", ["leadgen"]),
        lambda assets: assets.unsubscribe(object_id, "P"),
        lambda assets: assets.send_events(object_id, "T", []),
        lambda assets: assets.items_batch(object_id, "T", [{}]),
        lambda assets: assets.batch_status(object_id, "T", "handle"),
    ]
    for ask in asks:
        with pytest.raises(Refused, match="cannot be an id"):
            ask(client(meta))
    assert not meta.calls


@pytest.mark.parametrize("answer", [b"", b"null", b"[]", b"{}", b'{"id": ', b"<html>", b"7"])
@pytest.mark.parametrize("ask", READS.values(), ids=READS)
def test_an_answer_of_another_shape_is_doubtful(ask: Ask, answer: bytes) -> None:
    with pytest.raises(DoubtfulAnswer):
        ask(client(MountedMeta(answer)))


@pytest.mark.parametrize("ask", READS.values(), ids=READS)
def test_what_meta_tells_the_person_and_no_token_comes_with_an_error(ask: Ask) -> None:
    error = {"code": 3, "message": f"No: {APP_SECRET}", "error_user_msg": "請稍後再試", "fbtrace_id": "trace"}
    with pytest.raises(Refused) as caught:
        ask(client(MountedMeta((400, {}, {"error": error}))))
    assert (caught.value.user_message, caught.value.trace_id) == ("請稍後再試", "trace")
    assert APP_SECRET not in str(caught.value)


def test_a_page_gives_its_token() -> None:
    meta = MountedMeta({"id": PAGE, "access_token": "PAGE-TOKEN"})
    assert client(meta).page_token(PAGE, "T") == "PAGE-TOKEN"
    assert meta.calls[0].query["fields"] == "access_token"


def test_a_page_shown_without_its_token_lacks_a_permission_and_another_page_is_doubtful() -> None:
    with pytest.raises(PermissionMissing):
        client(MountedMeta({"id": PAGE})).page_token(PAGE, "T")
    for doubtful in ({"id": "501"}, {"name": "Page"}):
        with pytest.raises(DoubtfulAnswer):
            client(MountedMeta(doubtful)).page_token(PAGE, "T")


def test_the_subscription_of_this_app_is_found_among_those_of_others_on_any_page() -> None:
    first = {
        "data": [{"id": "999", "subscribed_fields": ["feed"]}],
        "paging": {"cursors": {"after": "A"}, "next": "https://graph.example/"},
    }
    second = {"data": [{"id": 123, "subscribed_fields": ["leadgen", "messages"]}]}
    meta = MountedMeta(first, second)
    assert client(meta).subscribed_fields(PAGE, "P") == ("leadgen", "messages")
    assert [call.path for call in meta.calls] == ["/v25.0/500/subscribed_apps"] * 2
    assert meta.calls[1].query["after"] == "A"
    assert meta.calls[0].headers["Authorization"] == "Bearer P"


@pytest.mark.parametrize("apps", [[], [{"id": "999", "subscribed_fields": ["feed"]}], [{"id": "123"}]])
def test_an_app_without_a_subscription_has_no_fields(apps: list[dict[str, Any]]) -> None:
    assert client(MountedMeta({"data": apps})).subscribed_fields(PAGE, "P") == ()


@pytest.mark.parametrize("apps", [["123"], [{"id": "123", "subscribed_fields": "leadgen"}], [None], {"id": "123"}])
def test_a_subscription_that_cannot_be_read_is_doubtful(apps: object) -> None:
    with pytest.raises(DoubtfulAnswer):
        client(MountedMeta({"data": apps})).subscribed_fields(PAGE, "P")


def test_a_subscription_is_made_and_ended() -> None:
    meta = MountedMeta({"success": True}, {"success": True})
    assets = client(meta)
    assets.subscribe(PAGE, "P", ["leadgen", "messages"])
    assets.unsubscribe(PAGE, "P")
    made, ended = meta.calls
    assert (made.method, made.path, ended.method, ended.path) == (
        "POST",
        "/v25.0/500/subscribed_apps",
        "DELETE",
        "/v25.0/500/subscribed_apps",
    )
    assert made.form["subscribed_fields"] == "leadgen,messages"
    assert made.headers["Authorization"] == ended.headers["Authorization"] == "Bearer P"


def test_a_subscription_to_nothing_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="needs a field"):
        client(MountedMeta()).subscribe(PAGE, "P", [])


def test_the_facts_of_a_token_are_asked_for_with_the_apps_own() -> None:
    data = {
        "app_id": "123",
        "type": "SYSTEM_USER",
        "is_valid": True,
        "expires_at": 0,
        "scopes": ["ads_read", "leads_retrieval"],
        "granular_scopes": [{"scope": "leads_retrieval", "target_ids": ["500", 501]}, {"scope": "ads_read"}],
    }
    meta = MountedMeta({"data": data})
    assert client(meta).token_facts("T&=") == TokenFacts(
        is_valid=True,
        type="SYSTEM_USER",
        scopes=("ads_read", "leads_retrieval"),
        expires_at=None,
        granular={"leads_retrieval": ("500", "501"), "ads_read": ()},
        app_id="123",
    )
    [call] = meta.calls
    assert (call.method, call.path, call.query["input_token"]) == ("GET", "/v25.0/debug_token", "T&=")
    assert call.headers["Authorization"] == f"Bearer 123|{APP_SECRET}"


def test_a_dead_token_is_a_fact() -> None:
    data = {"is_valid": False, "scopes": [], "expires_at": 1764000000, "error": {"code": 190, "message": "expired"}}
    facts = client(MountedMeta({"data": data})).token_facts("T")
    assert facts == TokenFacts(is_valid=False, type="", scopes=(), expires_at=1764000000, granular={}, error="expired")


def test_a_refusal_of_the_apps_own_token_does_not_make_the_other_one_dead() -> None:
    error = {"code": 190, "message": "Invalid OAuth access token signature", "fbtrace_id": "trace"}
    with pytest.raises(Refused) as caught:
        client(MountedMeta((400, {}, {"error": error}))).token_facts("T")
    assert (caught.value.code, caught.value.trace_id) == (190, "trace")
    assert caught.value.__suppress_context__ and not caught.value.is_retryable


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"is_valid": "yes"}, {"is_valid": True, "scopes": "ads_read"}, {"is_valid": True, "scopes": [{}]}],
)
def test_doubtful_facts_of_a_token_are_none(data: object) -> None:
    with pytest.raises(DoubtfulAnswer):
        client(MountedMeta({"data": data})).token_facts("T")


def test_neither_a_log_line_nor_an_error_holds_the_token_asked_about(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="urllib3")
    body = b'{"error": {"code": 1, "message": "no input_token=TOKEN-ASKED and TOKEN-ASKED"}}'
    with raw_server(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body) as server:
        assets = AssetClient(graph_url=server.url, version="v25.0", app_id="123", app_secret=APP_SECRET)
        with pytest.raises(GraphError) as caught:
            assets.token_facts("TOKEN-ASKED")
    assert "GET /v25.0/debug_token?…" in caplog.text
    assert "TOKEN-ASKED" in server.requests[0].decode()
    for secret in ("TOKEN-ASKED", APP_SECRET):
        assert secret not in caplog.text + str(caught.value)


def test_a_token_that_cannot_be_one_is_dead_without_a_call() -> None:
    meta = MountedMeta()
    with pytest.raises(DeadToken):
        client(meta).read(PAGE, ["name"], "T\r\nX: y")
    assert not meta.calls


def test_events_go_to_the_pixel_with_what_is_given() -> None:
    meta = MountedMeta({"events_received": 1, "messages": ["ok", 3], "fbtrace_id": "trace"}, {"events_received": 0})
    assets = client(meta)
    answer = assets.send_events(PIXEL, "T", [{"event_name": "預約"}], test_event_code="TEST1", partner_agent="portal")
    assert answer == EventsAnswer(received=1, messages=("ok",), trace_id="trace")
    assert assets.send_events(PIXEL, "T", []).received == 0
    tested, plain = meta.calls
    assert (tested.method, tested.path) == ("POST", "/v25.0/600/events")
    assert tested.form["data"] == '[{"event_name":"\\u9810\\u7d04"}]'
    assert (tested.form["test_event_code"], tested.form["partner_agent"]) == ("TEST1", "portal")
    assert set(plain.form) == {"data", "appsecret_proof"}


def test_more_events_than_a_call_takes_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="1000"):
        client(MountedMeta()).send_events(PIXEL, "T", [{}] * 1001)


@pytest.mark.parametrize("received", [None, "1", True, -1])
def test_an_answer_to_events_without_their_number_is_doubtful(received: object) -> None:
    with pytest.raises(DoubtfulAnswer):
        client(MountedMeta({"events_received": received})).send_events(PIXEL, "T", [{}])


def test_fifty_tokens_are_asked_about_in_one_request_and_each_has_its_own_answer() -> None:
    good = {"data": {"is_valid": True, "scopes": ["ads_read"], "app_id": "123"}}
    refused = {"error": {"code": 190, "message": "no T2"}}
    answers = [{"code": 200, "body": json.dumps(good)}, {"code": 400, "body": json.dumps(refused)}, None]
    meta = MountedMeta(answers)
    first, second, third = client(meta).token_facts_batch(["T1&=", "T2-secret", "T3"])
    assert isinstance(first, TokenFacts) and (first.is_valid, first.app_id) == (True, "123")
    assert isinstance(second, Refused) and second.code == 190
    assert isinstance(third, GraphError) and third.is_retryable
    assert len(meta.calls) == 1 and "T1" not in str(meta.calls[0].query)
    with pytest.raises(ValueError, match="50"):
        client(meta).token_facts_batch(["T"] * 51)
