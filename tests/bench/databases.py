"""Databases of the benchmarks' own in the embedded PostgreSQL, new at each run, made by the owner of their tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

MAIN = "bench"
_TABLES = "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace ORDER BY relname"


def url_of(database_url: str, name: str) -> str:
    """The address of the database of that name, with the same role on the same server."""
    return urlsplit(database_url)._replace(path=f"/{name}").geturl()


def recreate(owner_url: str, name: str, template: str = "template1") -> None:
    """Make the database anew, as a copy of the template."""
    drop(owner_url, name)
    command = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    _execute(owner_url, command)


def drop(owner_url: str, name: str) -> None:
    """Drop the database with whoever is connected to it."""
    _execute(owner_url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def addresses_of(name: str) -> dict[str, str]:
    """The variables by which a process works on the database of that name."""
    environment = settings.ENVIRONMENT
    return {
        "DATABASE_URL": url_of(environment.database_url, name),
        "DATABASE_OWNER_URL": url_of(environment.database_owner_url, name),
    }


def by_owner(*statements: str) -> None:
    """Execute what only the owner of this process's tables may."""
    with psycopg.connect(settings.ENVIRONMENT.database_owner_url, autocommit=True) as owner:
        for statement in statements:
            owner.execute(sql.SQL(statement))


def see_every_partner() -> None:
    """From now on this process sees the rows of every partner outside of doors; inside it is what it always is."""
    disconnect()
    connection.settings_dict["OPTIONS"]["options"] = f"-c role={settings.DATABASE_PLATFORM_ROLE}"


def disconnect() -> None:
    """Close this process's connections."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # the base class knows no pool


@contextmanager
def without_row_security(name: str) -> Iterator[str]:
    """A copy of the database of that name in which every role sees every row, by its name; nobody may be connected."""
    owner_url, copy = settings.ENVIRONMENT.database_owner_url, f"{name}_open"
    with psycopg.connect(url_of(owner_url, name), autocommit=True) as owner:
        # Neither of the two is to have more to tidy up than the other.
        owner.execute("VACUUM ANALYZE")
    recreate(owner_url, copy, template=name)
    with psycopg.connect(url_of(owner_url, copy), autocommit=True) as owner:
        for (table,) in owner.execute(_TABLES).fetchall():
            for words in ("NO FORCE", "DISABLE"):
                statement = "ALTER TABLE {} " + words + " ROW LEVEL SECURITY"
                owner.execute(sql.SQL(statement).format(sql.Identifier(table)))
    try:
        yield copy
    finally:
        drop(owner_url, copy)


def _execute(owner_url: str, command: sql.Composed) -> None:
    with psycopg.connect(url_of(owner_url, "postgres"), autocommit=True) as server:
        server.execute(command)
