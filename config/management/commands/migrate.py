"""Django's `migrate`, as the owner of the tables; then the runtime roles get their privileges."""

from contextlib import nullcontext
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg.errors import InsufficientPrivilege

from config.database_roles import as_owner, grant_privileges, unforced


class Command(migrate.Command):
    """`migrate` signs in as DATABASE_OWNER_URL says, for its checks, too."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Migrate as the owner; whoever is not gets one line."""
        try:
            with as_owner():
                return self._migrate(*args, **options)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, InsufficientPrivilege):
                raise
            why = error.__cause__.diag.message_primary
            raise CommandError(f"{why}: let DATABASE_OWNER_URL name the owner") from None
        finally:
            connection.close()

    def _migrate(self, *args: Any, **options: Any) -> str | None:
        if options.get("check_unapplied") or options.get("plan"):
            return super().execute(*args, **options)
        # Before as well: checks and data migrations take the platform's role.
        grant_privileges()
        with unforced() if _has_work(options) else nullcontext():
            said = super().execute(*args, **options)
        grant_privileges()
        return said


def _has_work(options: dict[str, Any]) -> bool:
    executor = MigrationExecutor(connection)
    return bool(options.get("app_label") or executor.migration_plan(executor.loader.graph.leaf_nodes()))
