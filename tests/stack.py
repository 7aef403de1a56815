"""The whole stack as processes, and how tests look into it and turn its sandbox."""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psutil
import psycopg
import requests

from config.environment import PLATFORM_ROLE, PROJECT, SERVICES_FILE
from config.management.commands.seed_demo import APP_ID
from mbe.signature import sign
from tests.waiting import PATIENCE_SECONDS, eventually

# A new database is made, migrated and seeded, on however busy a machine.
START_SECONDS = 240
APP_SECRET = "a secret that the tests know"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


def lives(process: psutil.Process) -> bool:
    """A zombie has ended; it only waits for the system to say so."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


class Stack:
    """`python -m config.stack` in a VAR_DIR, against a Meta that is not there."""

    def __init__(self, directory: Path, **variables: str) -> None:
        self.directory = directory
        self.port = int(variables.get("PORT") or free_port())
        self.output = Path(mkdtemp()) / "output"
        settings = {"VAR_DIR": str(directory), "PORT": str(self.port), "ENV_FILE": os.devnull}
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.stack"],
                cwd=PROJECT,
                env={**kept, **settings, "META_GRAPH_URL": "http://127.0.0.1:9", **variables},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> "Stack":
        eventually(lambda: "Ctrl-C stops it" in self.said or self.process.poll() is not None, START_SECONDS)
        assert self.process.poll() is None, self.said
        return self

    def is_ready(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def pids(self, part: str) -> list[int]:
        """Find a part by its command line."""
        word = {"database": "postgres/data", "broker": "valkey-server", "web": "granian"}.get(part, f" {part} ")
        children = filter(lives, psutil.Process(self.process.pid).children())
        return [child.pid for child in children if word in " ".join(child.cmdline())]

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


class DemoStack(Stack):
    """The stack as a newcomer has it: with the sandbox, the demo partner, and a way to read its tables."""

    def __init__(self, directory: Path, **variables: str) -> None:
        self.sandbox_port = free_port()
        self._tokens: dict[str, str] = {}
        self._sent = itertools.count(int(time.time()))
        super().__init__(directory, META_GRAPH_URL="", SANDBOX_PORT=str(self.sandbox_port), **variables)

    def wait_until_ready(self) -> "DemoStack":
        """Wait for the start, then agree on a secret that the tests can sign with."""
        super().wait_until_ready()
        self.manage("add_partner", "demo", "--app-id", APP_ID, "--app-secret", APP_SECRET)
        self.sandbox("post", "apps", app_id=APP_ID, app_secret=APP_SECRET)
        return self

    def deliver(self, external_id: str, attempts: int = 5) -> int:
        """Deliver a notice as Meta does, again after a failure; the last status, 503 without any answer."""
        body = self.notice(external_id)
        for attempt in range(attempts):
            if attempt:
                time.sleep(0.5)
            try:
                address = f"{self.url}/webhooks/meta/{APP_ID}/"
                headers = {"X-Hub-Signature-256": sign(body, APP_SECRET)}
                status = requests.post(address, body, headers=headers, timeout=30).status_code
            except requests.RequestException:
                status = 503
            if status == 200:
                break
        return status

    def notice(self, external_id: str) -> bytes:
        """The body of an `fbe_install` notice that was never sent before, with the business's token."""
        value = {"business_id": external_id, "access_token": self._tokens.get(external_id, "")}
        change = {"field": "fbe_install", "value": value}
        entry = {"id": "1", "time": next(self._sent), "changes": [change]}
        return json.dumps({"object": "user", "entry": [entry]}).encode()

    def store_silently(self, external_id: str) -> None:
        """Put a delivery into the inbox and wake nobody, as a process does that dies right after its commit."""
        script = (
            "from partners.models import MetaApp; from partners.encryption import seal; "
            "from partners.tenancy import platform; from webhooks.models import Delivery; "
            f"door = platform(); door.__enter__(); app = MetaApp.objects.get(app_id={APP_ID!r}); "
            f"body = {self.notice(external_id)!r}; "
            "Delivery.objects.create(partner=app.partner, meta_app=app, sealed_body=seal(body), size=len(body)); "
            "door.__exit__(None, None, None)"
        )
        self.manage("shell", "-c", script)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def demo(self) -> dict[str, str]:
        """Where to click, as the start printed it."""
        return dict(json.loads((self.directory / "demo.json").read_text()))

    def manage(self, *words: str) -> str:
        """What a management command prints; it has to succeed."""
        settings = {
            "VAR_DIR": str(self.directory),
            "ENV_FILE": os.devnull,
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "PATH": os.environ["PATH"],
        }
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=PROJECT, env=settings, check=True, capture_output=True, text=True).stdout

    def show(self, external_id: str) -> dict[str, Any]:
        """The record of a business of the demo partner."""
        return dict(json.loads(self.manage("show_business", "demo", external_id)))

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the stack's database, of every partner, or none of a statement that has none."""
        address = json.loads((self.directory / SERVICES_FILE).read_text())["DATABASE_OWNER_URL"]
        with psycopg.connect(address, options=f"-c role={PLATFORM_ROLE}") as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.sql(f"SELECT count(*) FROM {table}")[0][0])

    def connections(self) -> int:
        """How many connections to the database are open."""
        return int(self.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")[0][0])

    def installed(self, external_id: str) -> Counter[str]:
        """The feature types on record as installed, with how many of each."""
        rows = self.sql(
            "SELECT feature_type FROM features_feature f JOIN features_installation i ON i.id = f.installation_id"
            " JOIN partners_business b ON b.id = i.business_id"
            " WHERE b.external_business_id = %s AND removed_at IS NULL",
            external_id,
        )
        return Counter(row[0] for row in rows)

    def is_claimed(self, external_id: str) -> bool:
        """Whether a worker is fetching the business."""
        return bool(
            self.sql(
                "SELECT 1 FROM features_installation i JOIN partners_business b ON b.id = i.business_id"
                " WHERE b.external_business_id = %s AND claimed_until > now()",
                external_id,
            )
        )

    def reconcile_everything(self) -> None:
        """Let every reconcile be due."""
        self.sql("UPDATE features_installation SET reconcile_at = now() WHERE reconcile_at IS NOT NULL")

    def sandbox(self, method: str, path: str, **body: Any) -> Any:
        """A call of the sandbox's control API."""
        answer = requests.request(method, f"{self.sandbox_url}/sandbox/api/{path}", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def knobs(self, **groups: Any) -> None:
        """Turn knobs of the sandbox."""
        self.sandbox("put", "knobs", **groups)

    def connect(self, external_id: str, *features: str) -> None:
        """Make a business of the demo partner that is connected at the sandbox; the record does not know yet."""
        self.manage("add_business", "demo", external_id, "--name", external_id)
        wish = {"app_id": APP_ID, "external_business_id": external_id, "features": features, "send_webhook": False}
        self._tokens[external_id] = self.sandbox("post", "connections", **wish)["access_token"]

    def change(self, external_id: str, **wish: Any) -> None:
        """Change what is installed at the sandbox; it sends its webhook."""
        self.sandbox("patch", f"connections/{external_id}", **wish)

    def at_meta(self, external_id: str) -> Counter[str]:
        """The feature types that the sandbox has installed, with how many of each."""
        (connection,) = self.sandbox("get", f"state?external_business_id={external_id}")["connections"]
        return Counter(feature["feature_type"] for feature in connection["features"])

    def most_concurrent_fetches(self) -> dict[str, int]:
        """For each business, how many fetches of its installs were in flight at once."""
        return dict(self.sandbox("get", "state")["max_concurrent_installs"])
