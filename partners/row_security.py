"""Row security as migrations write it: whose rows a table holds, and that they point to rows of the same partner."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunSQL

from partners.tenancy import TENANT

# Tables whose rows the portal writes once: the app and the platform may neither change nor delete them.
APPEND_ONLY = ("audit_auditentry",)

# After a connection's first transaction the setting reads as an empty text where it is not set.
_IN_VIEW = f"nullif(current_setting('{TENANT}', true), '')::bigint"


class RowSecurity(RunSQL):
    """Show a table's rows to the partner named in a column and to the platform, to nobody else, not to its owner."""

    def __init__(self, table: str, column: str = "partner_id") -> None:
        self.table, self.column = table, column
        super().__init__(
            [
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY of_tenant ON {table} USING ({column} = {_IN_VIEW})",
                f'CREATE POLICY of_platform ON {table} TO "{settings.DATABASE_PLATFORM_ROLE}" USING (true)',
            ],
            [
                f"DROP POLICY of_platform ON {table}",
                f"DROP POLICY of_tenant ON {table}",
                f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            ],
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        """Give what makes this operation again."""
        return type(self).__qualname__, [], {"table": self.table, "column": self.column}

    def describe(self) -> str:
        """Say it in the output of `migrate`."""
        return f"Row security on {self.table}"


class SamePartner(RunSQL):
    """Let a column point to rows of the same partner only: a key from (partner_id, column) to (partner_id, id).

    It is checked at the end of the transaction, as Django's own keys are. Checked at once, it would lock the row that
    it points to; of two transactions that then change that row, each would wait for the other.
    """

    def __init__(self, table: str, column: str, to: str) -> None:
        self.table, self.column, self.to = table, column, to
        name = f"{table}_{column}_same_partner"
        # The rows that are there are checked as the owner sees them: under forced row security it would see none.
        tables = sorted({table, to})
        super().__init__(
            [
                *(f"ALTER TABLE {each} NO FORCE ROW LEVEL SECURITY" for each in tables),
                f"ALTER TABLE {table} ADD CONSTRAINT {name}"
                f" FOREIGN KEY (partner_id, {column}) REFERENCES {to} (partner_id, id) DEFERRABLE INITIALLY DEFERRED",
                *(f"ALTER TABLE {each} FORCE ROW LEVEL SECURITY" for each in tables),
            ],
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        """Give what makes this operation again."""
        return type(self).__qualname__, [], {"table": self.table, "column": self.column, "to": self.to}

    def describe(self) -> str:
        """Say it in the output of `migrate`."""
        return f"{self.table}.{self.column} points to {self.to} of the same partner"


@contextmanager
def seen_by_the_owner(schema_editor: BaseDatabaseSchemaEditor, *tables: str) -> Iterator[None]:
    """Let a data migration see all rows of these tables.

    `migrate` does so for all, but a `SamePartner` of the same run has forced row security on its tables again.
    """
    for table in tables:
        schema_editor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in tables:
        schema_editor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
