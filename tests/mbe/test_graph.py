"""The client speaks to Meta as the specification says, and every failure comes out as an error of our own."""

import json
import logging
import socket
import time

import pytest

from mbe.errors import (
    DeadToken,
    DoubtfulAnswer,
    Refused,
    TransientError,
)
from mbe.graph import GraphClient, Subject, SystemUserWish, Token
from mbe.paging import MAX_PAGES
from mbe.signature import appsecret_proof
from tests.mbe.stand_ins import MountedMeta, raw_server

APP_SECRET = "app-secret-of-ours"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ELEMENT = {"business_manager_id": "8", "installed_features": [{"feature_instance_id": "1", "feature_type": "ads"}]}


def client(meta: MountedMeta) -> GraphClient:
    return GraphClient(
        graph_url="https://graph.example/",
        version="v25.0",
        app_id="123",
        app_secret=APP_SECRET,
        session=meta.session(),
    )


def client_of(url: str, timeout: float = 5.0) -> GraphClient:
    return GraphClient(graph_url=url, version="v25.0", app_id="123", app_secret=APP_SECRET, timeout=timeout)


def test_installs_are_asked_for_with_the_token_in_the_header_and_its_proof() -> None:
    meta = MountedMeta({"data": [ELEMENT]})
    installs = client(meta).installs("shop 1", "T")
    assert installs.business_manager_id == "8"
    [call] = meta.calls
    assert (call.method, call.path) == ("GET", "/v25.0/fbe_business/fbe_installs")
    assert call.query == {"fbe_external_business_id": "shop 1", "appsecret_proof": appsecret_proof("T", APP_SECRET)}
    assert call.headers["Authorization"] == "Bearer T"
    assert not call.form


def test_pages_are_followed_by_cursor_and_merged() -> None:
    first = {
        "data": [ELEMENT],
        "paging": {"cursors": {"after": "A+/="}, "next": "https://evil.example/?access_token=T"},
    }
    second = {**ELEMENT, "installed_features": [{"feature_instance_id": "2", "feature_type": "pixel"}]}
    meta = MountedMeta(first, {"data": [second], "paging": {"cursors": {"after": "B"}}})
    installs = client(meta).installs("shop-1", "T")
    assert installs.features is not None
    assert [feature.feature_instance_id for feature in installs.features] == ["1", "2"]
    assert meta.calls[1].query["after"] == "A+/="
    assert meta.calls[1].path == "/v25.0/fbe_business/fbe_installs"


def test_pages_without_an_end_are_doubtful() -> None:
    page = {"data": [ELEMENT], "paging": {"cursors": {"after": "A"}, "next": "https://graph.example/"}}
    meta = MountedMeta(*[page] * (MAX_PAGES + 1))
    with pytest.raises(DoubtfulAnswer):
        client(meta).installs("shop-1", "T")
    assert len(meta.calls) == MAX_PAGES


def test_a_next_page_without_a_cursor_is_doubtful() -> None:
    with pytest.raises(DoubtfulAnswer):
        client(MountedMeta({"data": [], "paging": {"next": "https://graph.example/"}})).installs("shop-1", "T")


@pytest.mark.parametrize("answer", [b"", b"null", b"[]", b"{}", b'{"data": [', b'{"success": true}', b"<html>"])
def test_an_answer_of_another_shape_is_doubtful(answer: bytes) -> None:
    with pytest.raises(DoubtfulAnswer):
        client(MountedMeta(answer)).installs("shop-1", "T")


def test_the_feature_configuration_is_read_and_written() -> None:
    meta = MountedMeta({"page_cta": {"enabled": False}}, {"success": True})
    graph = client(meta)
    assert graph.feature_configuration("shop-1", "T").features[0].enabled is False
    graph.update_feature_configuration("shop-1", "T", {"page_cta": {"enabled": True, "cta_button_text": "預約"}})
    read, written = meta.calls
    assert (read.method, read.path, written.method, written.path) == (
        "GET",
        "/v25.0/fbe_business",
        "POST",
        "/v25.0/fbe_business",
    )
    assert not written.query
    assert written.form["fbe_external_business_id"] == "shop-1"
    assert written.form["appsecret_proof"] == appsecret_proof("T", APP_SECRET)
    assert json.loads(written.form["business_config"]) == {"page_cta": {"enabled": True, "cta_button_text": "預約"}}


def test_an_uninstall_deletes_the_connection() -> None:
    meta = MountedMeta({"success": True})
    client(meta).uninstall("shop-1", "T")
    [call] = meta.calls
    assert (call.method, call.path) == ("DELETE", "/v25.0/fbe_business/fbe_installs")
    assert call.query["fbe_external_business_id"] == "shop-1"


@pytest.mark.parametrize("answer", [{"success": False}, {}, [], {"success": "no"}])
def test_a_write_that_meta_does_not_confirm_is_doubtful(answer: object) -> None:
    with pytest.raises(DoubtfulAnswer):
        client(MountedMeta(answer)).uninstall("shop-1", "T")
    with pytest.raises(DoubtfulAnswer):
        client(MountedMeta(answer)).update_feature_configuration("shop-1", "T", {})


def test_a_code_is_exchanged_for_a_token() -> None:
    meta = MountedMeta({"access_token": "LOGIN", "token_type": "bearer", "expires_in": 5183944})
    assert client(meta).exchange_code("CODE", "https://portal.example/return/") == Token("LOGIN", "user", 5183944)
    [call] = meta.calls
    assert (call.method, call.path) == ("GET", "/v25.0/oauth/access_token")
    assert call.query == {
        "client_id": "123",
        "redirect_uri": "https://portal.example/return/",
        "client_secret": APP_SECRET,
        "code": "CODE",
    }
    assert "Authorization" not in call.headers


def test_a_system_user_token_is_asked_for_in_the_business_manager() -> None:
    meta = MountedMeta({"access_token": "SYSTEM"})
    token = client(meta).system_user_token(SystemUserWish("8/9", Subject("shop-1", "T"), ["a", "b"]))
    assert token == Token("SYSTEM", "system_user", None)
    assert "SYSTEM" not in repr(token)
    [call] = meta.calls
    assert (call.method, call.path) == ("POST", "/v25.0/8%2F9/access_token")
    assert call.form == {
        "app_id": "123",
        "scope": "a,b",
        "fbe_external_business_id": "shop-1",
        "appsecret_proof": appsecret_proof("T", APP_SECRET),
    }


@pytest.mark.parametrize("answer", [{}, [], {"access_token": ""}, {"access_token": 5}, {"token_type": "bearer"}])
def test_an_answer_without_a_token_is_doubtful(answer: object) -> None:
    with pytest.raises(DoubtfulAnswer):
        client(MountedMeta(answer)).exchange_code("CODE", "https://portal.example/")


def test_errors_hide_the_token_the_code_and_the_secret() -> None:
    def refuse(*secrets: str) -> MountedMeta:
        return MountedMeta((400, {}, {"error": {"code": 100, "message": " ".join(secrets)}}))

    with pytest.raises(Refused) as of_code:
        client(refuse("hunter2", APP_SECRET)).exchange_code("hunter2", "https://portal.example/")
    with pytest.raises(Refused) as of_token:
        client(refuse("hunter3", APP_SECRET)).installs("shop-1", "hunter3")
    assert str(of_code.value) == str(of_token.value) == "*** ***"


@pytest.mark.parametrize("token", ["", "a\nb", "a b\x00", "tökén", "\udcff"])
def test_a_token_that_cannot_stand_in_a_header_is_dead_at_once(token: str) -> None:
    meta = MountedMeta()
    with pytest.raises(DeadToken):
        client(meta).installs("shop-1", token)
    assert not meta.calls


def test_a_redirect_is_not_followed() -> None:
    meta = MountedMeta((302, {"Location": "https://evil.example/"}, b""))
    with pytest.raises(DoubtfulAnswer):
        client(meta).installs("shop-1", "T")
    assert len(meta.calls) == 1


def test_an_answer_beyond_the_limit_is_doubtful() -> None:
    with pytest.raises(DoubtfulAnswer, match="too large"):
        client(MountedMeta(b'{"data": "' + b"x" * (10 * 1024 * 1024) + b'"}')).installs("shop-1", "T")


def test_an_answer_over_real_http_is_read_and_the_connection_kept() -> None:
    body = b'{"data": []}'
    with raw_server(HEAD + b"Content-Length: 12\r\n\r\n" + body, is_kept_open=True) as server:
        graph = client_of(server.url)
        for _ in range(3):
            assert not graph.installs("shop-1", "T").is_installed
    assert server.connections == 1


def test_a_chunked_answer_is_read() -> None:
    with raw_server(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b'7\r\n{"data"\r\n', b"4\r\n: []\r\n1\r\n}\r\n0\r\n\r\n"
    ) as server:
        assert not client_of(server.url).installs("shop-1", "T").is_installed


@pytest.mark.parametrize(
    "pieces",
    [
        (HEAD + b'Content-Length: 500\r\n\r\n{"data": []}',),
        (HEAD + b'Transfer-Encoding: chunked\r\n\r\n7\r\n{"data"\r\n',),
        (HEAD + b"Content-Length: 0\r\n\r\n",),
    ],
)
def test_a_truncated_or_empty_answer_is_doubtful(pieces: tuple[bytes, ...]) -> None:
    with raw_server(*pieces) as server, pytest.raises(DoubtfulAnswer):
        client_of(server.url).installs("shop-1", "T")


def test_an_answer_that_drips_ends_at_about_twice_the_timeout() -> None:
    start = time.monotonic()
    pieces = (HEAD + b"Content-Length: 500\r\n\r\n", *[b" "] * 200)
    with raw_server(*pieces, pause=0.05) as server, pytest.raises(DoubtfulAnswer):
        client_of(server.url, timeout=0.4).installs("shop-1", "T")
    assert time.monotonic() - start < 1.5


def test_a_silent_server_is_left_after_the_timeout() -> None:
    with raw_server(b"", pause=30) as server, pytest.raises(TransientError) as caught:
        client_of(server.url, timeout=0.2).installs("shop-1", "T")
    assert str(caught.value) == "No answer from Meta: ReadTimeout"
    assert caught.value.__suppress_context__ and caught.value.__cause__ is None


def test_a_body_that_stops_is_doubtful() -> None:
    with raw_server(HEAD + b"Content-Length: 500\r\n\r\n{", pause=30) as server, pytest.raises(DoubtfulAnswer):
        client_of(server.url, timeout=0.2).installs("shop-1", "T")


def test_a_closed_port_is_transient() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransientError):
        client_of(f"http://127.0.0.1:{port}").installs("shop-1", "T")


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b""])
def test_an_answer_that_is_not_http_is_transient(answer: bytes) -> None:
    with raw_server(answer) as server, pytest.raises(TransientError):
        client_of(server.url).installs("shop-1", "T")


def test_no_log_line_holds_the_code_the_secret_or_the_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="urllib3")
    with raw_server(HEAD + b'Content-Length: 23\r\n\r\n{"access_token": "NEW"}') as server:
        client_of(server.url).exchange_code("CODE-OF-LOGIN", "https://portal.example/")
    assert "GET /v25.0/oauth/access_token?…" in caplog.text
    for secret in ("CODE-OF-LOGIN", APP_SECRET, "NEW"):
        assert secret not in caplog.text


def test_cookies_do_not_go_from_one_business_to_another() -> None:
    body = HEAD + b'Set-Cookie: who=me; Path=/\r\nContent-Length: 12\r\n\r\n{"data": []}'
    with raw_server(body, is_kept_open=True) as server:
        graph = client_of(server.url)
        graph.installs("shop-1", "T")
        graph.installs("shop-2", "U")
    assert len(server.requests) == 2
    assert b"Cookie" not in server.requests[1]
