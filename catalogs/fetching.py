"""Fetching a feed: over HTTPS, from public hosts, whatever it leads to, connected to the address that was checked."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from catalogs.safe_addresses import Resolve, UnsafeAddress, addresses_of, check_url, look_up
from catalogs.unpacking import MOST_BYTES

CONNECT_SECONDS, READ_SECONDS = 10, 30
MOST_SECONDS = 600
MOST_REDIRECTS = 5
PIECE_BYTES = 64 * 1024

_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "portal-feed/1", "Connection": "close"}
_REDIRECTS = (301, 302, 303, 307, 308)
_UNCHANGED = 304
_LONGEST_ETAG = 500


class NotFetched(Exception):
    """A feed could not be fetched; `code` is one of `catalogs.wording`.

    The address, which may hold a secret, is not in it.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Fetched:
    """What is there: `is_unchanged`, or `pieces` to be read once."""

    def __init__(self, response: requests.Response, give_up_at: float) -> None:
        self._response = response
        self._give_up_at = give_up_at
        self.is_unchanged = response.status_code == _UNCHANGED
        self.etag = response.headers.get("ETag", "")[:_LONGEST_ETAG]

    def pieces(self) -> Iterator[bytes]:
        """Give the body as it was sent; raises NotFetched where it breaks off or takes too long."""
        headers = self._response.headers
        declared = headers.get("Content-Length", "")
        # What ends with the connection may have broken off, and half a set would remove the other half.
        if not declared.isdecimal() and headers.get("Transfer-Encoding", "").lower() != "chunked":
            raise NotFetched("no_length")
        if declared.isdecimal() and int(declared) > MOST_BYTES:
            raise NotFetched("too_big")
        try:
            yield from self._response.raw.stream(PIECE_BYTES, decode_content=False)
        except (HTTPError, OSError):
            raise NotFetched("too_slow" if self._is_late else "broken_off") from None
        if self._is_late:
            raise NotFetched("too_slow")

    @property
    def _is_late(self) -> bool:
        return time.monotonic() >= self._give_up_at


@contextmanager
def fetch(
    url: str,
    *,
    etag: str = "",
    may_be_private: bool = False,
    resolve: Resolve = look_up,
    most_seconds: float = MOST_SECONDS,
) -> Iterator[Fetched]:
    """Open a feed's address; every redirect is checked as the address itself. Raises NotFetched.

    `resolve` looks a host's name up; what it answers is what is connected to. After `most_seconds` it is over, however
    slowly something still comes.
    """
    give_up_at = time.monotonic() + most_seconds
    with ExitStack() as stack:
        wires = _Wires(resolve, may_be_private)
        stack.callback(wires.close)
        end = threading.Timer(most_seconds, wires.cut)
        end.daemon = True
        end.start()
        stack.callback(end.cancel)
        try:
            response = _followed(stack.enter_context(_session(wires)), url, etag, may_be_private)
        except (UnsafeAddress, requests.RequestException, HTTPError, ValueError, OSError) as error:
            raise NotFetched("too_slow" if time.monotonic() >= give_up_at else _code(error)) from None
        if time.monotonic() >= give_up_at:
            raise NotFetched("too_slow")
        yield Fetched(stack.enter_context(response), give_up_at)


def _followed(session: requests.Session, url: str, etag: str, may_be_private: bool) -> requests.Response:
    for _ in range(MOST_REDIRECTS + 1):
        check_url(url, may_be_private=may_be_private)
        response = session.get(
            url,
            headers={"If-None-Match": etag} if etag else {},
            stream=True,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
        )
        if response.status_code not in _REDIRECTS:
            return _answered(response)
        response.close()
        # Some servers hang up without saying so: the next request gets a connection of its own.
        session.close()
        url = _led_to(url, response.headers.get("Location", ""))
    raise NotFetched("too_many_redirects")


def _led_to(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise UnsafeAddress("bad_address") from None


def _answered(response: requests.Response) -> requests.Response:
    if response.status_code not in (200, _UNCHANGED):
        response.close()
        raise NotFetched(f"status:{response.status_code}")
    return response


def _code(error: Exception) -> str:
    match error:
        case UnsafeAddress():
            return error.code
        case requests.Timeout():
            return "timeout"
        case requests.exceptions.SSLError():
            return "bad_certificate"
    return "unreachable"


def _session(wires: "_Wires") -> requests.Session:
    session = requests.Session()
    # No proxy, no password of the environment's.
    session.trust_env = False
    session.headers.update(_HEADERS)
    for scheme in ("https://", "http://"):
        session.mount(scheme, _CheckedAdapter(wires))
    return session


class _Wires:
    """Makes connections: looks a host up, checks what is found, connects to that; and can cut them all."""

    def __init__(self, resolve: Resolve, may_be_private: bool) -> None:
        self._resolve = resolve
        self._may_be_private = may_be_private
        self._made: list[socket.socket] = []
        self._are_cut = False

    def connect(self, host: str, port: int, seconds: float | None) -> socket.socket:
        """Connect to one of the addresses; raises UnsafeAddress and OSError."""
        last: OSError | None = None
        for address in addresses_of(host, port, self._resolve, may_be_private=self._may_be_private):
            try:
                made = socket.create_connection((address, port), seconds)
            except OSError as error:
                last = error
                continue
            # TLS takes the socket over; a second handle on the same connection stays ours.
            self._made.append(made.dup())
            if self._are_cut:
                self.cut()
            return made
        raise last or OSError("no address")

    def cut(self) -> None:
        """End the connections, whatever waits for them, and those still to be made."""
        self._are_cut = True
        for each in self._made:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let them go."""
        for each in self._made:
            each.close()


class _CheckedAdapter(HTTPAdapter):
    """Has the pools of connections made by `_Wires`."""

    def __init__(self, wires: _Wires) -> None:
        self._pools = _pools(wires)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Put the own pools in the place of the library's."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools


def _pools(wires: _Wires) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        """Connects to the address that was checked."""

        def _new_conn(self) -> socket.socket:
            return wires.connect(self.host, self.port, _seconds(self.timeout))

    class Encrypted(HTTPSConnection):
        """Connects to the address that was checked; the certificate is still the host's."""

        def _new_conn(self) -> socket.socket:
            return wires.connect(self.host, self.port, _seconds(self.timeout))

    class PlainPool(HTTPConnectionPool):
        """Of plain connections."""

        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        """Of encrypted ones."""

        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


def _seconds(timeout: Any) -> float:
    return float(timeout) if isinstance(timeout, int | float) else CONNECT_SECONDS
