"""The database's three roles: the owner migrates, the app serves, the platform's is taken for work across partners."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.checks import Error
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from partners.row_security import APPEND_ONLY

READ_ONLY = ("django_migrations",)
# Of the role that the portal runs as, also while the owner is signed in.
_FACTS = """
    SELECT app.rolname, app.rolsuper, app.rolbypassrls,
        EXISTS (
            SELECT FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_has_role(app.oid, relowner, 'USAGE')
        ),
        coalesce(pg_has_role(app.oid, platform.oid, 'USAGE'), false),
        coalesce(pg_has_role(app.oid, platform.oid, 'SET'), false),
        NOT EXISTS (SELECT FROM pg_policies WHERE schemaname = 'public')
            OR EXISTS (SELECT FROM pg_policies WHERE schemaname = 'public' AND %(platform)s = ANY (roles))
    FROM pg_roles app LEFT JOIN pg_roles platform ON platform.rolname = %(platform)s
    WHERE app.rolname = coalesce(nullif(%(app)s, ''), session_user)
"""


@contextmanager
def as_owner() -> Iterator[None]:
    """Let the connection sign in as the owner of the tables (DATABASE_OWNER_URL), where one is named."""
    url = urlsplit(settings.ENVIRONMENT.database_owner_url)
    before = dict(connection.settings_dict)
    if url.netloc:
        _sign_in(connection, USER=unquote(url.username or ""), PASSWORD=unquote(url.password or ""))
    try:
        yield
    finally:
        _sign_in(connection, **{name: before[name] for name in ("USER", "PASSWORD")})


def grant_privileges() -> None:
    """Let the app and the platform work with the rows of every table; needs the owner, and is right when run again."""
    app, platform = settings.DATABASE_APP_ROLE, settings.DATABASE_PLATFORM_ROLE
    # In one transaction: what is granted on all tables and taken back on some is never there in between.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user, tablename FROM pg_tables WHERE schemaname = 'public'")
        found = cursor.fetchall()
        tables = [name for _user, name in found]
        for role in {app, platform} - {found[0][0] if found else app}:
            for statement in _privileges(role, tables):
                cursor.execute(statement)


def _privileges(role: str, tables: list[str]) -> Iterator[sql.Composed]:
    name = sql.Identifier(role)
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name)
    yield sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(name)
    yield sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name)
    for table in tables:
        if table in APPEND_ONLY:
            yield sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), name)
        if table in READ_ONLY:
            yield sql.SQL("REVOKE INSERT, UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), name)


@contextmanager
def unforced() -> Iterator[None]:
    """Let the owner see every row while it migrates: a key to a table is checked by what the owner sees of it."""
    _force("NO FORCE")
    try:
        yield
    finally:
        _force("FORCE")


def _force(word: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace")
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("ALTER TABLE {} " + word + " ROW LEVEL SECURITY").format(sql.Identifier(table)))


def problem_with_role() -> str:
    """Say why row security would be worthless under the role of the portal, and the remedy; empty when all is well."""
    platform = settings.DATABASE_PLATFORM_ROLE
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"app": settings.DATABASE_APP_ROLE, "platform": platform})
        name, is_superuser, bypasses, owns, inherits, may_take, is_named = cursor.fetchone()
    if is_superuser or bypasses:
        why, remedy = ("is a superuser", "NOSUPERUSER") if is_superuser else ("bypasses row security", "NOBYPASSRLS")
        return (
            f"the database role {name} {why}, so partners would see each other's rows:"
            f" let DATABASE_URL name another one (see docs/operations.md), or run ALTER ROLE {name} {remedy}"
        )
    if owns:
        return (
            f"the database role {name} owns tables, so it could switch row security off:"
            f" let DATABASE_URL name a role that owns none, and DATABASE_OWNER_URL this one (see docs/operations.md)"
        )
    if not is_named:
        return f"no policy of the database is for {platform}: let DATABASE_PLATFORM_ROLE name the role of `migrate`"
    grant = f"GRANT {platform} TO {name} WITH INHERIT FALSE, SET TRUE"
    if inherits:
        return f"the database role {name} inherits {platform}, so partners would see each other's rows: run {grant}"
    return "" if may_take else f"the database role {name} may not take {platform} for work across partners: run {grant}"


def check_role(databases: Sequence[str] | None = None, **kwargs: object) -> list[Error]:
    """Report the problem with the role to `manage.py check --database default`."""
    problem = problem_with_role() if databases else ""
    return [Error(problem, id="portal.E001")] if problem else []


def _sign_in(wrapper: BaseDatabaseWrapper, **values: object) -> None:
    wrapper.close()
    wrapper.close_pool()  # type: ignore[attr-defined]  # the base class knows no pool
    wrapper.settings_dict.update(values)
