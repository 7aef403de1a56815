from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("catalogs", "0001_products_and_catalogs"),
        ("features", "0008_row_security"),
        ("partners", "0006_call_them_members"),
    ]

    operations = [
        RowSecurity("catalogs_product"),
        RowSecurity("catalogs_feed"),
        RowSecurity("catalogs_intake"),
        RowSecurity("catalogs_intakepart"),
        RowSecurity("catalogs_intakeitem"),
        RowSecurity("catalogs_rejectedrow"),
        RowSecurity("catalogs_catalog"),
        RowSecurity("catalogs_itembatch"),
        RowSecurity("catalogs_catalogitem"),
        SamePartner("catalogs_product", "business_id", to="partners_business"),
        SamePartner("catalogs_feed", "business_id", to="partners_business"),
        SamePartner("catalogs_intake", "business_id", to="partners_business"),
        SamePartner("catalogs_intakepart", "intake_id", to="catalogs_intake"),
        SamePartner("catalogs_intakeitem", "intake_id", to="catalogs_intake"),
        SamePartner("catalogs_rejectedrow", "intake_id", to="catalogs_intake"),
        SamePartner("catalogs_catalog", "installation_id", to="features_installation"),
        SamePartner("catalogs_itembatch", "catalog_id", to="catalogs_catalog"),
        SamePartner("catalogs_catalogitem", "catalog_id", to="catalogs_catalog"),
        SamePartner("catalogs_catalogitem", "batch_id", to="catalogs_itembatch"),
    ]
