"""One sandbox: its state and everything that works on it."""

from pathlib import Path
from typing import cast

from flask import current_app

from sandbox.catalogs import Catalogs
from sandbox.installing import uninstall
from sandbox.knobs import Knobs
from sandbox.meter import Meter
from sandbox.model import Connection
from sandbox.notices import UNINSTALL, business_integration, fbe_install
from sandbox.postman import Postman
from sandbox.snapshot import Snapshot
from sandbox.state import State

EXTENSION = "sandbox"
CATALOGS_SETTLE_SECONDS = 5.0
PARTS = ("apps", "connections", "knobs", "webhooks", "counters")


class World:
    """State, catalogs, knobs, counters, postman and snapshots of one running sandbox.

    The catalogs have a file of their own, which is written seldom: they may be large.
    """

    def __init__(self, state_path: Path | None = None, public_url: str = "") -> None:
        self.public_url = public_url
        self.state = State()
        self.catalogs = Catalogs()
        self.knobs = Knobs()
        self.meter = Meter()
        self.postman = Postman(self.state, self.knobs)
        self.snapshot = Snapshot(self.state, state_path)
        beside = state_path.with_name(f"{state_path.stem}-catalogs.json") if state_path else None
        self.catalog_snapshot = Snapshot(self.catalogs, beside, CATALOGS_SETTLE_SECONDS)

    def start(self) -> None:
        """Read the snapshot and begin to deliver webhooks."""
        self.snapshot.start()
        self.catalog_snapshot.start()
        self.postman.start()

    def stop(self) -> None:
        """End the threads; the snapshots are complete afterwards."""
        self.postman.stop()
        self.snapshot.stop()
        self.catalog_snapshot.stop()

    def announce(self, connection: Connection, fbe_event: str, *, is_first: bool = False) -> None:
        """Send the notice of a change; the first install of a connection also makes its system user known."""
        with self.state.lock:
            self.postman.post(fbe_install(self.state, connection, fbe_event, self.knobs.webhooks))
            if is_first and self.knobs.webhooks.business_integration:
                self.postman.post(business_integration(connection, "install"))

    def uninstall(self, connection: Connection, *, keep_tokens: bool = False, send_webhook: bool = True) -> None:
        """End a connection as a whole and say so on both channels."""
        with self.state.lock:
            uninstall(self.state, connection, keep_tokens=keep_tokens)
            if send_webhook:
                self.announce(connection, UNINSTALL)
                if self.knobs.webhooks.business_integration:
                    self.postman.post(business_integration(connection, "uninstall"))
        self.snapshot.changed()

    def reset(self, parts: tuple[str, ...] = PARTS) -> None:
        """Forget those parts; connections go with their tokens, codes and catalogs."""
        with self.state.lock:
            if "apps" in parts:
                self.state.apps.clear()
            if "connections" in parts:
                self.state.connections.clear()
                self.state.tokens.clear()
                self.state.codes.clear()
                for app in self.state.apps.values():
                    app.page_fields.clear()
                self.catalogs.reset()
                self.catalog_snapshot.changed()
        if "knobs" in parts:
            self.knobs.reset()
        if "webhooks" in parts:
            self.postman.reset()
        if "counters" in parts:
            self.meter.reset()
        self.snapshot.changed()


def current_world() -> World:
    """The world of the request that is being answered."""
    return cast(World, current_app.extensions[EXTENSION])
