"""Two stand-ins for Meta's servers: one on the client's session, one that sends exactly the bytes it is given."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse


@dataclass(frozen=True)
class Call:
    """A request as it would have gone over the wire."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]


class MountedMeta(BaseAdapter):
    """Answers with the values queued, in order, and keeps the calls."""

    def __init__(self, *answers: Any) -> None:
        super().__init__()
        self.answers = list(answers)
        self.calls: list[Call] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        body = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
        self.calls.append(
            Call(
                str(request.method),
                parts.path,
                dict(parse_qsl(parts.query)),
                dict(parse_qsl(str(body))),
                dict(request.headers),
            )
        )
        answer = self.answers.pop(0)
        status, headers, value = answer if isinstance(answer, tuple) else (200, {}, answer)
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response.raw = HTTPResponse(body=BytesIO(raw), headers=headers, status=status, preload_content=False)
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        self.answers.clear()

    def session(self) -> requests.Session:
        """Give a session that sends everything here."""
        session = requests.Session()
        session.mount("https://", self)
        return session


@dataclass
class RawServer:
    """A server on loopback, the number of connections that it took, and the requests as they came."""

    url: str
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def raw_server(*pieces: bytes, pause: float = 0.0, is_kept_open: bool = False) -> Iterator[RawServer]:
    """Serve every request with these pieces, ``pause`` seconds apart; then close, or wait for the next request."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = RawServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
    is_over = threading.Event()
    open_connections: list[socket.socket] = []

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            open_connections.append(connection)
            # A client that left, or hung up, is the end of its connection only.
            with connection, suppress(OSError):
                while request := connection.recv(65536):
                    server.requests.append(request)
                    for piece in pieces:
                        connection.sendall(piece)
                        is_over.wait(pause)
                    if not is_kept_open:
                        break

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        is_over.set()
        for connection in (*open_connections, listener):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)
