from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("activation", "0003_pages_and_pixels"),
        ("partners", "0006_call_them_members"),
        ("features", "0008_row_security"),
    ]

    operations = [
        RowSecurity("activation_pagesubscription"),
        RowSecurity("activation_pagenoticecount"),
        RowSecurity("activation_pixelcheck"),
        SamePartner("activation_pagesubscription", "meta_app_id", to="partners_metaapp"),
        SamePartner("activation_pagesubscription", "installation_id", to="features_installation"),
        SamePartner("activation_pagenoticecount", "meta_app_id", to="partners_metaapp"),
        SamePartner("activation_pixelcheck", "feature_id", to="features_feature"),
    ]
