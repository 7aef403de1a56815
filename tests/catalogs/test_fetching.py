"""Fetching over real HTTP: where it goes, where it refuses to go, and how it ends."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest

from catalogs.fetching import NotFetched, _led_to, _session, _Wires, fetch
from catalogs.safe_addresses import Resolve, UnsafeAddress, check_url
from tests.catalogs.shop_server import ShopServer, listening, shop_server

PUBLIC = "93.184.215.14"


@pytest.fixture
def shop() -> Iterator[ShopServer]:
    """A shop's server."""
    with shop_server() as running:
        yield running


def body(url: str, **values: object) -> bytes:
    """The content at an address."""
    with fetch(url, may_be_private=True, **values) as fetched:  # type: ignore[arg-type]  # as `fetch` takes them
        return b"".join(fetched.pieces())


def refusal(url: str, **values: object) -> str:
    """The code with which a fetch fails."""
    with pytest.raises(NotFetched) as error:
        body(url, **values)
    assert "secret" not in repr(error.value) and error.value.__cause__ is None
    return error.value.code


def refusal_in_public(url: str, resolve: Resolve) -> str:
    """The code with which a fetch fails where nothing may be private."""
    with pytest.raises(NotFetched) as error, fetch(url, resolve=resolve):
        pytest.fail("it was fetched")
    return error.value.code


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where somebody would have connected to: the net itself is out of reach."""
    tried: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], *args: object) -> None:
        tried.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


def test_a_feed_is_fetched_with_nothing_of_the_environment(shop: ShopServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    shop.has("/feed.csv", b"x" * 200_000)
    assert body(shop.url + "/feed.csv") == b"x" * 200_000
    ((_path, headers),) = shop.asked
    assert headers.keys() == {"Host", "Accept", "Accept-Encoding", "User-Agent", "Connection"}


def test_what_is_unchanged_is_not_sent(shop: ShopServer) -> None:
    shop.has("/feed.csv", b"content", etag='"one"')
    with fetch(shop.url + "/feed.csv", may_be_private=True) as first:
        assert (first.etag, first.is_unchanged) == ('"one"', False)
    with fetch(shop.url + "/feed.csv", etag='"one"', may_be_private=True) as second:
        assert second.is_unchanged


def test_it_follows_up_to_five_redirects(shop: ShopServer) -> None:
    for number in range(6):
        shop.leads(f"/{number}", f"{number + 1}" if number % 2 else f"{shop.url}/{number + 1}")
    shop.has("/6", b"content")
    assert body(shop.url + "/1") == b"content"
    assert refusal(shop.url + "/0") == "too_many_redirects"


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("ftp://shop.example/", "not_https"),
        ("http://me:secret@127.0.0.1/", "has_credentials"),
        ("http://127.0.0.1:secret/", "bad_address"),
        ("http://[", "unreachable"),
    ],
)
def test_every_redirect_is_checked(shop: ShopServer, to: str, code: str) -> None:
    shop.leads("/feed.csv", to)
    assert refusal(shop.url + "/feed.csv") == code


@pytest.mark.parametrize("found", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::ffff:127.0.0.1"], ["fd00::1"]])
def test_a_name_that_is_looked_up_as_private_is_not_connected_to(
    connected: list[tuple[str, int]], found: list[str]
) -> None:
    assert refusal_in_public("https://shop.example/", lambda host, port: found) == "private_address"
    assert not connected


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_a_private_address_is_not_followed(shop: ShopServer, status: int) -> None:
    with (
        _session(_Wires(lambda host, port: ["127.0.0.1"], may_be_private=True)) as session,
        listening() as (port, came),
    ):
        for to in (f"https://127.0.0.1:{port}/", "https://127.0.0.1/", "https://0x7f.1/", "http://169.254.169.254/"):
            shop.has("/feed.csv", b"", status=status, Location=to)
            answer = session.get(shop.url + "/feed.csv", allow_redirects=False)
            session.close()
            with pytest.raises(UnsafeAddress):
                check_url(_led_to(shop.url, answer.headers["Location"]), may_be_private=False)
    assert not came


def test_a_name_is_looked_up_once_and_connected_to_what_was_checked(connected: list[tuple[str, int]]) -> None:
    """A name server that answers differently the second time finds nobody who asks a second time."""
    answers = [[PUBLIC], ["127.0.0.1"]]
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return answers[len(asked) - 1]

    assert refusal_in_public("https://rebinding.example/", resolve) == "unreachable"
    assert asked == [("rebinding.example", 443)] and connected == [(PUBLIC, 443)]


def test_it_connects_to_the_address_that_the_lookup_gave(shop: ShopServer) -> None:
    shop.has("/feed.csv", b"content")
    port = shop.url.rpartition(":")[2]
    url = f"http://shop.example:{port}/feed.csv"
    assert body(url, resolve=lambda host, port: ["127.0.0.1"]) == b"content"
    assert shop.asked[0][1]["Host"] == f"shop.example:{port}"
    assert refusal(url, resolve=lambda host, port: []) == "unreachable"


@pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 500, 503])
def test_another_status_is_said(shop: ShopServer, status: int) -> None:
    shop.has("/feed.csv", b"", status=status)
    assert refusal(shop.url + "/feed.csv") == f"status:{status}"


def test_what_breaks_off_is_no_file(shop: ShopServer) -> None:
    shop.has("/short", b"half", Content_Length="8")
    shop.has("/chunks", b"4\r\nhalf\r\n", Transfer_Encoding="chunked")
    shop.has("/endless", b"half", Transfer_Encoding="identity")
    shop.has("/huge", b"", Content_Length=str(10**12))
    found = {path: refusal(shop.url + path) for path in ("/short", "/chunks", "/endless", "/huge")}
    assert found == {"/short": "broken_off", "/chunks": "broken_off", "/endless": "no_length", "/huge": "too_big"}


def trickle(handler: BaseHTTPRequestHandler) -> None:
    """Send a byte now and then, and end as if all had been sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    with suppress(OSError):
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.05)


def trickling_head(handler: BaseHTTPRequestHandler) -> None:
    """Never come to an end of the headers."""
    with suppress(OSError):
        for number in range(100):
            handler.wfile.write(b"X-%d: x\r\n" % number if number else b"HTTP/1.1 200 OK\r\n")
            time.sleep(0.05)


@pytest.mark.parametrize(("answer", "codes"), [(trickle, {"too_slow"}), (trickling_head, {"too_slow"})])
def test_a_slow_server_is_cut_off(shop: ShopServer, answer: object, codes: set[str]) -> None:
    shop.answers["/feed.csv"] = answer  # type: ignore[assignment]  # one of the two above
    began = time.monotonic()
    assert refusal(shop.url + "/feed.csv", most_seconds=0.4) in codes
    assert time.monotonic() - began < 3


def test_a_server_that_speaks_no_tls_or_is_not_there_is_no_crash(shop: ShopServer) -> None:
    assert refusal(shop.url.replace("http:", "https:") + "/") in ("bad_certificate", "unreachable")
    assert refusal("http://127.0.0.1:1/") == "unreachable"
    assert refusal("http://no-such-host.invalid/") == "unreachable"
