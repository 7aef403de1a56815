"""Django's `migrate`, as the owner of the tables; then the runtime roles get their privileges."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connection

from config.database_roles import as_owner, grant_privileges


class Command(migrate.Command):
    """`migrate` signs in as DATABASE_OWNER_URL says."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, and grant what the roles of the portal need on new tables."""
        only_looks = options["check_unapplied"] or options["plan"]
        with as_owner():
            if not only_looks:
                grant_privileges()
            super().handle(*args, **options)
            if not only_looks:
                grant_privileges()
        connection.close()
