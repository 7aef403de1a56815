"""A shop's web server: it answers as it is told, and keeps what it was asked."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class ShopServer:
    """Where it is, what it answers at which path, and the headers of the requests that came."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def has(self, path: str, content: bytes, etag: str = "", status: int = 200, **headers: str) -> None:
        """Answer with this content, and with 304 whoever has it."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            is_known = bool(etag) and handler.headers.get("If-None-Match") == etag
            handler.send_response(304 if is_known else status)
            if etag:
                handler.send_header("ETag", etag)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            if not {"Content_Length", "Transfer_Encoding"} & headers.keys():
                handler.send_header("Content-Length", "0" if is_known else str(len(content)))
            handler.end_headers()
            if not is_known:
                handler.wfile.write(content)

        self.answers[path] = answer

    def leads(self, path: str, to: str) -> None:
        """Answer with a redirect."""
        self.has(path, b"", status=302, Location=to)


@contextmanager
def shop_server() -> Iterator[ShopServer]:
    """A server on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        """Looks up what it was told."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            shop.asked.append((self.path, dict(self.headers)))
            self.close_connection = True
            shop.answers[self.path](self)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop = ShopServer(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield shop
    server.shutdown()
    server.server_close()


@contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """A port at which nobody may ask: it keeps who connects."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        yield server.getsockname()[1], came
        try:
            came.append(server.accept()[1])
        except TimeoutError:
            return
