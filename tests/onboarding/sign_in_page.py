"""A partner's own sign-in page, on a host of its own: merchants who come from Meta are sent there and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit


class SignInPage:
    """Knows one merchant by a launch token, which it hands over; the link "Cancel" leads back without one."""

    def __init__(self) -> None:
        self.launch_token = ""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server.server_port}/from-meta"

    def html(self, return_to: str) -> str:
        """The page: two links."""
        signed_in = f"{return_to}&{urlencode({'launch_token': self.launch_token})}"
        links = [(signed_in, "Sign in as this business"), (return_to, "Cancel")]
        return "".join(f'<p><a href="{escape(address)}">{label}</a></p>' for address, label in links)


@contextmanager
def sign_in_page() -> Iterator[SignInPage]:
    """Serve one, in a thread."""
    page = SignInPage()
    thread = Thread(target=page.server.serve_forever)
    thread.start()
    try:
        yield page
    finally:
        page.server.shutdown()
        thread.join()
        page.server.server_close()


def _handler(page: SignInPage) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            body = page.html(query.get("return_to", ["/"])[0]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test's output clean."""

    return Handler
