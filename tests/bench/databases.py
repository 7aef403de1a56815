"""Databases of the benchmarks' own in the embedded PostgreSQL, new at each run."""

from urllib.parse import urlsplit

import psycopg
from psycopg import sql

MAIN = "bench"


def url_of(database_url: str, name: str, application_name: str = "") -> str:
    """The address of the database of that name on the same server; the application's name shows in its statistics."""
    query = f"application_name={application_name}" if application_name else ""
    return urlsplit(database_url)._replace(path=f"/{name}", query=query).geturl()


def recreate(database_url: str, name: str, template: str = "template1") -> str:
    """Make the database anew, as a copy of the template; give its address."""
    drop(database_url, name)
    command = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    _execute(database_url, command)
    return url_of(database_url, name)


def drop(database_url: str, name: str) -> None:
    """Drop the database with whoever is connected to it."""
    _execute(database_url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _execute(database_url: str, command: sql.Composed) -> None:
    with psycopg.connect(url_of(database_url, "postgres"), autocommit=True) as connection:
        connection.execute(command)
