"""The state on disk: written a moment after a change, in one piece, and read again at the start."""

import json
import os
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Protocol

from sandbox.model import Json

SETTLE_SECONDS = 0.3


class Kept(Protocol):
    """What a snapshot can hold: a value behind a lock."""

    lock: RLock

    def as_json(self) -> Json:
        """All of it."""

    def load(self, snapshot: Json) -> None:
        """Take over what `as_json` gave."""


class Snapshot:
    """Keeps `path` in step with `state`, `settle_seconds` behind it; without a path it does nothing."""

    def __init__(self, state: Kept, path: Path | None, settle_seconds: float = SETTLE_SECONDS) -> None:
        self._state = state
        self._path = path
        self._settle_seconds = settle_seconds
        self._dirty = Event()
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="sandbox-snapshot", daemon=True)

    def start(self) -> None:
        """Read the file if it is there, then follow the changes."""
        if self._path is None:
            return
        if self._path.exists():
            self._state.load(json.loads(self._path.read_text(encoding="utf-8")))
        self._thread.start()

    def changed(self) -> None:
        """Say that the state has changed: it is on disk a moment later."""
        self._dirty.set()

    def stop(self) -> None:
        """Write what is not written yet, and end."""
        if self._path is None:
            return
        self._stopped.set()
        self._dirty.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._dirty.wait()
            self._stopped.wait(self._settle_seconds)
            self._dirty.clear()
            self._write()

    def _write(self) -> None:
        assert self._path is not None
        with self._state.lock:
            text = json.dumps(self._state.as_json())
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(self._path.name + ".new")
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, self._path)
