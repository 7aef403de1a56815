"""Waiting until transactions of other threads stand in each other's way."""

import time

from django.db import connection


def wait_for_waiters(count: int) -> None:
    """Return as soon as so many transactions wait for another."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")
