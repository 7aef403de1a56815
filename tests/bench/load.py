"""The load: requests over keep-alive connections from one thread, cheap enough never to be what is measured."""

import math
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

CONNECTIONS = 8
_STALLED_SECONDS = 30.0


@dataclass(frozen=True)
class Load:
    """What was sent and answered with 200 in so many seconds, and the processor time that sending took."""

    requests: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def send_for(seconds: float, port: int, requests: Sequence[bytes]) -> Load:
    """Send the requests around and around for so many seconds."""
    return _send(port, cycle(requests), seconds)


def send_all(port: int, requests: Sequence[bytes]) -> Load:
    """Send each request once, as fast as they are taken."""
    return _send(port, iter(requests), math.inf)


def _send(port: int, requests: Iterator[bytes], seconds: float) -> Load:
    begun_at, cpu_at = time.perf_counter(), time.process_time()
    answered = 0
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", port), timeout=_STALLED_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ)
            _send_next(selector, connection, requests, begun_at + seconds)
        while selector.get_map():
            for key, _events in selector.select(_STALLED_SECONDS):
                assert isinstance(key.fileobj, socket.socket)
                _read_answer(key.fileobj)
                answered += 1
                _send_next(selector, key.fileobj, requests, begun_at + seconds)
    return Load(answered, time.perf_counter() - begun_at, time.process_time() - cpu_at)


def _send_next(
    selector: selectors.BaseSelector, connection: socket.socket, requests: Iterator[bytes], ends_at: float
) -> None:
    request = next(requests, None) if time.perf_counter() < ends_at else None
    if request is None:
        selector.unregister(connection)
        connection.close()
    else:
        connection.sendall(request)


def _read_answer(connection: socket.socket) -> None:
    answer = connection.recv(65536)
    while answer and not _is_whole(answer):
        more = connection.recv(65536)
        answer = answer + more if more else b""
    if not answer.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(f"not answered with 200: {answer[:200]!r}")


def _is_whole(answer: bytes) -> bool:
    head, blank, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    # Without middleware nobody counts the answer's bytes, and the server sends it in chunks.
    return bool(blank) and (len(body) >= int(length) if length else body.endswith(b"0\r\n\r\n"))
