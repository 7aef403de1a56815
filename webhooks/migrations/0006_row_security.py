"""The rows of a partner are seen by that partner alone, and point to rows of the same partner only."""

from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0005_row_security"),
        ("features", "0008_row_security"),
        ("webhooks", "0005_keys_of_a_partner"),
    ]

    operations = [
        RowSecurity("webhooks_delivery"),
        RowSecurity("webhooks_deliverednotice"),
        RowSecurity("webhooks_refusedcount"),
        SamePartner("webhooks_delivery", "meta_app_id", to="partners_metaapp"),
        SamePartner("webhooks_deliverednotice", "delivery_id", to="webhooks_delivery"),
        SamePartner("webhooks_deliverednotice", "meta_app_id", to="partners_metaapp"),
        SamePartner("webhooks_deliverednotice", "installation_id", to="features_installation"),
        SamePartner("webhooks_refusedcount", "meta_app_id", to="partners_metaapp"),
    ]
