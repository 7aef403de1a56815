"""Counters of what was asked of the sandbox, and how much of it at the same time."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import Lock

from sandbox.model import Json

MOST_CALLS = 4_999
DIALOG_STEPS = ("shown", "finished", "cancelled", "failed")


class Meter:
    """`requests` counts HTTP requests by kind, a batch as one; `operations` counts Graph calls, batched ones too.

    `batches` counts the requests of kind "batch" once more, by the kind of the operations in them; one with operations
    of several kinds is "mixed", and one whose operations cannot be read is "unreadable".

    `calls` counts the same Graph calls by method, path and query; what is new after the first MOST_CALLS of them is
    counted together under "other". `dialogs` counts, for `use_minimal_onboarding` "on" and "off", the dialogs that were
    shown, finished, cancelled, and failed: each time that a page of it was asked for, and each way back.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._in_flight: Counter[str] = Counter()
        self.reset()

    def reset(self) -> None:
        """Counters to zero; what is in flight stays in flight."""
        with self._lock:
            self._requests: Counter[str] = Counter()
            self._batches: Counter[str] = Counter()
            self._operations: Counter[str] = Counter()
            self._installs: Counter[str] = Counter()
            self._most: Counter[str] = Counter()
            self._calls: Counter[str] = Counter()
            self._dialogs = {arm: Counter(dict.fromkeys(DIALOG_STEPS, 0)) for arm in ("on", "off")}

    def request(self, kind: str) -> None:
        """Count an HTTP request."""
        with self._lock:
            self._requests[kind] += 1

    def batch(self, kinds: Collection[str]) -> None:
        """Count a batch, by the kinds of its operations."""
        with self._lock:
            self._requests["batch"] += 1
            self._batches[next(iter(kinds), "unreadable") if len(kinds) < 2 else "mixed"] += 1

    def call(self, words: str) -> None:
        """Count a Graph call under its words, as in `GET 123?fields=name`."""
        with self._lock:
            is_counted = words in self._calls or len(self._calls) < MOST_CALLS
            self._calls[words if is_counted else "other"] += 1

    def dialog(self, use_minimal_onboarding: bool, step: str) -> None:
        """Count a step of a dialog: one of DIALOG_STEPS."""
        with self._lock:
            self._dialogs["on" if use_minimal_onboarding else "off"][step] += 1

    @contextmanager
    def operation(self, kind: str, external_business_id: str) -> Iterator[None]:
        """Count a Graph call; while it lasts, a fetch of installs is in flight for its business."""
        is_fetch = kind == "installs"
        with self._lock:
            self._operations[kind] += 1
            if is_fetch:
                self._enter(external_business_id)
        try:
            yield
        finally:
            if is_fetch:
                with self._lock:
                    self._in_flight[external_business_id] -= 1

    def _enter(self, external_business_id: str) -> None:
        self._installs[external_business_id] += 1
        self._in_flight[external_business_id] += 1
        now = self._in_flight[external_business_id]
        self._most[external_business_id] = max(self._most[external_business_id], now)

    def as_json(self) -> Json:
        """All counters; `installs_by_business`, `max_concurrent_installs` and `in_flight` by external_business_id."""
        with self._lock:
            return {
                "requests": dict(self._requests),
                "batches": dict(self._batches),
                "operations": dict(self._operations),
                "installs_by_business": dict(self._installs),
                "max_concurrent_installs": dict(self._most),
                "calls": dict(self._calls),
                "dialogs": {arm: dict(steps) for arm, steps in self._dialogs.items()},
                "in_flight": {key: count for key, count in self._in_flight.items() if count},
            }
