"""The embedded database with its roles: what README asks the administrator of a managed one to do by hand."""

import psycopg
from psycopg import sql

from config.embedded import APP, DATABASE, OWNER, Services

# Tables of a database that was made when one role did everything; a sequence goes with its table.
_TABLES_OF_OTHERS = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner <> %s"


def prepare_roles(services: Services, platform: str) -> None:
    """Make the database and the roles that are missing; right when run again, at every start."""
    with psycopg.connect(services.administrator_url, autocommit=True) as connection:
        _ensure_role(connection, platform)
        # Tests make databases of their own.
        for role, options in ((OWNER, "LOGIN CREATEDB"), (APP, "LOGIN")):
            _ensure_role(connection, role, options, services.password)
            _run(connection, "GRANT {} TO {} WITH INHERIT FALSE, SET TRUE", platform, role)
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            _run(connection, "CREATE DATABASE {}", DATABASE)
        _run(connection, "ALTER DATABASE {} OWNER TO {}", DATABASE, OWNER)
    with psycopg.connect(services.administrator_url, dbname=DATABASE, autocommit=True) as connection:
        for (table,) in connection.execute(_TABLES_OF_OTHERS, [OWNER]).fetchall():
            _run(connection, "ALTER TABLE {} OWNER TO {}", table, OWNER)


def _ensure_role(
    connection: psycopg.Connection[tuple[object, ...]], name: str, options: str = "NOLOGIN", password: str = ""
) -> None:
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
        _run(connection, "CREATE ROLE {} ", name)
    statement = sql.SQL("ALTER ROLE {} ").format(sql.Identifier(name)) + sql.SQL(options)
    if password:
        # The server sees a hash: an error's statement in its log gives nothing away.
        hashed = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
        statement += sql.SQL(" PASSWORD {}").format(hashed)
    connection.execute(statement)


def _run(connection: psycopg.Connection[tuple[object, ...]], statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
