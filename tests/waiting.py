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
    """Return as soon as so many transactions of this database wait for another."""
    eventually(lambda: _waiters() >= count)


def _waiters() -> int:
    """How many sessions wait; of other databases, which run other tests, it knows nothing."""
    with connection.cursor() as cursor:
        # Some waits name no database; whoever waits has locked tables of one.
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN ("
            "SELECT pid FROM pg_locks JOIN pg_database ON oid = database WHERE datname = current_database())"
        )
        return int(cursor.fetchone()[0])
