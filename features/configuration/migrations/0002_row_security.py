from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("configuration", "0001_wanted_and_pushes"),
        ("features", "0008_row_security"),
    ]

    operations = [
        RowSecurity("configuration_wanted"),
        RowSecurity("configuration_pushrun"),
        RowSecurity("configuration_push"),
        SamePartner("configuration_wanted", "feature_id", to="features_feature"),
        SamePartner("configuration_push", "installation_id", to="features_installation"),
        SamePartner("configuration_push", "feature_id", to="features_feature"),
        SamePartner("configuration_push", "run_id", to="configuration_pushrun"),
    ]
