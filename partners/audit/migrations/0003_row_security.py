"""The log of a partner, and what is made of it, is seen by that partner alone; the platform's own by the platform."""

from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_exports_as_csv"),
        ("partners", "0005_row_security"),
    ]

    operations = [
        RowSecurity("audit_auditentry"),
        RowSecurity("audit_auditexport"),
        RowSecurity("audit_auditexportpart"),
        SamePartner("audit_auditexportpart", "export_id", "audit_auditexport"),
    ]
