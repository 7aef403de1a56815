"""The rows of a partner are seen by that partner alone, and point to rows of the same partner only."""

from django.db import migrations

from partners.row_security import RowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0004_search_under_row_security"),
    ]

    operations = [
        RowSecurity("partners_partner", column="id"),
        RowSecurity("partners_membership"),
        RowSecurity("partners_metaapp"),
        RowSecurity("partners_business"),
    ]
