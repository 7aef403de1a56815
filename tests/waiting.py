"""Waiting for what other threads and processes do: never without an end."""

import time
from collections.abc import Callable

from django.db import connection

PATIENCE_SECONDS = 60


def eventually(is_so: Callable[[], object], within: float = PATIENCE_SECONDS) -> None:
    """Wait until it is so, for `within` seconds at most."""
    ends_at = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(0.1)


def wait_for_waiters(count: int) -> None:
    """Return as soon as so many transactions wait for another."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")
