"""Django's `migrate`, as the owner of the tables; then the runtime roles get their privileges."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import ProgrammingError, connection
from psycopg.errors import InsufficientPrivilege

from config.database_roles import as_owner, grant_privileges


class Command(migrate.Command):
    """`migrate` signs in as DATABASE_OWNER_URL says."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, and grant what the roles of the portal need on new tables."""
        try:
            with as_owner():
                self._migrate(*args, **options)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, InsufficientPrivilege):
                raise
            raise CommandError(
                f"{error.__cause__.diag.message_primary}: let DATABASE_OWNER_URL name the owner"
            ) from None
        connection.close()

    def _migrate(self, *args: Any, **options: Any) -> None:
        only_looks = options["check_unapplied"] or options["plan"]
        # Before as well: a data migration takes the platform's role.
        if not only_looks:
            grant_privileges()
        super().handle(*args, **options)
        if not only_looks:
            grant_privileges()
