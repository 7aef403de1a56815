"""Show parities to their partner only, and let them point to its installations only."""

from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("implied", "0001_initial"),
        ("features", "0010_v2_connections"),
    ]

    operations = [
        RowSecurity("implied_parity"),
        SamePartner("implied_parity", "installation_id", to="features_installation"),
    ]
