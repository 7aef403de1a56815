"""The rows of a partner are seen by that partner alone, and point to rows of the same partner only."""

from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0005_row_security"),
        ("features", "0007_keys_of_a_partner"),
    ]

    operations = [
        RowSecurity("features_installation"),
        RowSecurity("features_accesstoken"),
        RowSecurity("features_feature"),
        RowSecurity("features_change"),
        SamePartner("features_installation", "meta_app_id", to="partners_metaapp"),
        SamePartner("features_installation", "business_id", to="partners_business"),
        SamePartner("features_accesstoken", "installation_id", to="features_installation"),
        SamePartner("features_feature", "installation_id", to="features_installation"),
        SamePartner("features_change", "installation_id", to="features_installation"),
        SamePartner("features_change", "feature_id", to="features_feature"),
    ]
