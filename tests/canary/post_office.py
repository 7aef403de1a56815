"""A mail server that asks for a password, and whose first refusal repeats what it was told."""

import base64
import socketserver
import threading
from typing import cast


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """Talk SMTP, as little of it as Django needs."""
        office = cast(PostOffice, self.server)
        self._say("220 canary")
        while line := self.rfile.readline():
            word = line.split(b" ")[0].strip().upper()
            if word == b"EHLO":
                self._say("250-canary\r\n250 AUTH PLAIN")
            elif word == b"AUTH":
                self._greet(office, line)
            elif word == b"DATA":
                self._say("354 go on")
                office.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self._say("250 taken")
            else:
                self._say("221 bye" if word == b"QUIT" else "250 well")

    def _greet(self, office: "PostOffice", line: bytes) -> None:
        told = base64.b64decode(line.split(b" ")[2]).replace(b"\0", b" ").decode()
        if not office.has_refused:
            office.has_refused = True
            self._say(f"535 these will not do: {told}")
        else:
            self._say("235 welcome")

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class PostOffice(socketserver.ThreadingTCPServer):
    """Takes mail at 127.0.0.1 until it is shut down."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mails: list[str] = []
        self.has_refused = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, password: str) -> str:
        """The EMAIL_URL of a portal that mails through it."""
        return f"smtp://portal:{password}@127.0.0.1:{self.server_address[1]}"
