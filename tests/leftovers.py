"""Sessions of the tests' database that a test left open: they would keep it from being dropped."""

import warnings

import psycopg
from django.db import connection

OTHERS = """
    SELECT pid, state, query FROM pg_stat_activity
    WHERE datname = current_database() AND usename = session_user AND pid <> pg_backend_pid()
"""


def end_leftover_sessions() -> None:
    """End what is left once the pool of this process is closed, and warn of what each did last."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # the base class knows no pool
    # Not through the pool, whose own further sessions would be found.
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as alone:
        alone.execute("SET ROLE NONE")
        for pid, state, query in alone.execute(OTHERS).fetchall():
            warnings.warn(f"a session was left, {state}: {query}", stacklevel=2)
            alone.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
