"""The database's three roles: the owner migrates, the app serves, the platform's is taken for work across partners."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from partners.row_security import APPEND_ONLY

READ_ONLY = ("django_migrations",)


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
    with connection.cursor() as cursor:
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


def problem_with_role() -> str:
    """Say why row security would be worthless under the role of the portal, and the remedy; empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = session_user")
        name, is_superuser, bypasses = cursor.fetchone()
    if not is_superuser and not bypasses:
        return ""
    why, remedy = ("is a superuser", "NOSUPERUSER") if is_superuser else ("bypasses row security", "NOBYPASSRLS")
    return (
        f"the database role {name!r} {why}: partners would see each other's rows; let DATABASE_URL name a role that"
        f" owns nothing, or run ALTER ROLE {name} {remedy}"
    )


def _sign_in(wrapper: BaseDatabaseWrapper, **values: object) -> None:
    wrapper.close()
    wrapper.close_pool()  # type: ignore[attr-defined]  # the base class knows no pool
    wrapper.settings_dict.update(values)
