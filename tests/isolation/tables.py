"""Which tables hold the rows of partners, found in the database itself, and a row of each for two partners."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import sql

from features.implied.models import Parity
from features.models import Feature, Installation
from golive.migration.models import ImportPart
from golive.readiness.models import Check
from partners.audit.models import AuditExport, AuditExportPart
from partners.models import MetaApp
from tests.admin_rows import Tenant, tenant_with_everything
from tests.factories import AccessTokenFactory
from tests.feature_rows import rows_of_page
from webhooks.models import DeliveredNotice, RefusedCount

# Tables that belong to no partner; whoever adds one says so here.
OF_NO_PARTNER = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "auth_user",
    "auth_user_groups",
    "auth_user_user_permissions",
    "axes_accessattempt",
    "axes_accessattemptexpiration",
    "axes_accessfailurelog",
    "axes_accesslog",
    "django_admin_log",
    "django_content_type",
    "django_migrations",
    "django_session",
    "partners_encryptionkey",
    "people_authenticator",
    "people_recoverycode",
    "people_resetrequest",
}
# Tables whose rows of a partner the database lets nobody change.
APPEND_ONLY = {"audit_auditentry"}


@dataclass(frozen=True)
class Table:
    """A table of partners' rows, and the column that says whose a row is."""

    name: str
    column: str

    def row_of(self, partner_id: int) -> dict[str, Any]:
        """A row of this partner, as the platform's role sees it."""
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("SELECT * FROM {} WHERE {} = %s LIMIT 1").format(self.identifier, sql.Identifier(self.column)),
                [partner_id],
            )
            found = cursor.fetchone()
            assert found, f"{self.name} has no row to try: give `tenants` one"
            return dict(zip([column.name for column in cursor.description], found, strict=True))

    @property
    def identifier(self) -> sql.Identifier:
        """The quoted name."""
        return sql.Identifier(self.name)


def tables() -> list[Table]:
    """Every table that is not of no partner."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = sorted(name for (name,) in cursor.fetchall() if name not in OF_NO_PARTNER)
        cursor.execute(
            "SELECT relname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE attname = 'partner_id'"
        )
        with_partner = {name for (name,) in cursor.fetchall()}
    homeless = [name for name in names if name not in with_partner and name != "partners_partner"]
    assert not homeless, f"{homeless} have no partner_id: give them one, or name them in OF_NO_PARTNER"
    return [Table(name, "partner_id" if name in with_partner else "id") for name in names]


def columns_kept_by_the_database(table: Table) -> set[str]:
    """The generated columns, which no statement may write."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'ALWAYS'",
            [table.name],
        )
        return {name for (name,) in cursor.fetchall()}


def tenants() -> tuple[Tenant, Tenant]:
    """Two partners with a row in every table."""
    both = (tenant_with_everything(), tenant_with_everything())
    for number, each in enumerate(both):
        app, export = each.rows["partners_metaapp"], each.rows["audit_auditexport"]
        assert isinstance(app, MetaApp) and isinstance(export, AuditExport)
        installation, feature = each.rows["features_installation"], each.rows["features_feature"]
        assert isinstance(installation, Installation) and isinstance(feature, Feature)
        AccessTokenFactory.create(installation=installation)
        rows_of_page(feature)
        Parity.objects.create(partner=each.partner, installation=installation)
        # No unique key of one partner's row is in the way of the other's.
        RefusedCount.objects.create(partner=each.partner, meta_app=app, day="2026-11-01", reason=f"{number}", count=1)
        DeliveredNotice.objects.filter(partner=each.partner).update(position=number)
        Check.objects.filter(partner=each.partner).update(subject=f"{number}")
        ImportPart.objects.filter(partner=each.partner).update(number=number)
        AuditExportPart.objects.create(partner=each.partner, export=export, number=number)
    return both
