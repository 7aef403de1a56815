from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("activation", "0001_activations"),
        ("features", "0008_row_security"),
    ]

    operations = [
        RowSecurity("activation_activation"),
        SamePartner("activation_activation", "installation_id", to="features_installation"),
        SamePartner("activation_activation", "feature_id", to="features_feature"),
    ]
