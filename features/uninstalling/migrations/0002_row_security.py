from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("uninstalling", "0001_uninstalls"),
    ]

    operations = [
        RowSecurity("uninstalling_uninstall"),
        SamePartner("uninstalling_uninstall", "installation_id", to="features_installation"),
        SamePartner("uninstalling_uninstall", "feature_id", to="features_feature"),
    ]
