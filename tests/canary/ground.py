"""A stack whose every secret is known, and all that is seen of it while it is driven."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import requests

from config.environment import PROJECT
from config.management.commands.seed_demo import APP_ID
from mbe.signature import sign
from tests.canary.finder import Canaries, Place
from tests.canary.media import kept_secrets, services
from tests.canary.visitor import Pages, Visitor
from tests.stack import DemoStack

SALON = "salon-1001"


class Ground:
    """The stack, the secrets, the pages that were seen, what commands printed."""

    def __init__(self, directory: Path, **variables: str) -> None:
        self.canaries, self.pages = Canaries(), Pages()
        self.password = self.control = ""
        self.printed: list[tuple[Place, bytes]] = []
        self.stack = DemoStack(directory, LOG_LEVEL="DEBUG", META_TIMEOUT="1", **variables)

    def begin(self) -> None:
        """Give the app secrets that are known: one, and the one that takes its place."""
        self.stack.wait_until_ready()
        for name, text in kept_secrets(self.stack).items():
            self.canaries.add(name, text)
        self.previous, self.secret = self.new("previous app secret"), self.new("app secret")
        self.verify_token = self.new("verify token")
        for secret in (self.previous, self.secret):
            self.command("add_partner", "demo", "--app-id", APP_ID, "--app-secret", secret)
        self.command("add_partner", "demo", "--app-id", APP_ID, "--verify-token", self.verify_token)
        told = {"app_secret": self.secret, "verify_token": self.verify_token}
        assert self.stack.sandbox("post", "apps", app_id=APP_ID, **told)["verification"]["ok"]

    def new(self, name: str, before: str = "canary-") -> str:
        """Make a secret."""
        text = f"{before}{secrets.token_hex(24)}"
        self.canaries.add(name, text)
        return text

    def know(self, name: str, text: str) -> str:
        """Look for a secret that the portal has made."""
        self.canaries.add(name, text)
        return text

    def visitor(self, name: str) -> Visitor:
        """A new browser."""
        return Visitor(self.stack.url, self.pages, name)

    def command(self, *words: str, **variables: str) -> str:
        """Run a management command, whatever comes of it, and keep what it prints."""
        told = {"VAR_DIR": str(self.stack.directory), "ENV_FILE": os.devnull, "LOG_LEVEL": "DEBUG"}
        run = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], **told, **variables},
            check=False,
            capture_output=True,
        )
        self.printed.append((Place("output", f"of {words[0]}"), run.stdout + run.stderr))
        return run.stdout.decode().strip()

    def webhook(self, body: bytes, secret: str = "", app_id: str = APP_ID) -> int:
        """Deliver a body as Meta does; the status of the answer."""
        header = {"X-Hub-Signature-256": sign(body, secret or self.secret)}
        answer = requests.post(f"{self.stack.url}/webhooks/meta/{app_id}/", body, headers=header, timeout=30)
        self.pages.keep("Meta", answer)
        return answer.status_code

    @contextmanager
    def without(self, table: str) -> Iterator[None]:
        """Break what needs this table, in the midst of whatever it does."""
        address = services(self.stack)["DATABASE_OWNER_URL"]
        with psycopg.connect(address, autocommit=True) as owner:
            owner.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
            try:
                yield
            finally:
                owner.execute(f"ALTER TABLE {table}_away RENAME TO {table}")
