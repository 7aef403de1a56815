from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0008_handshakes"),
        ("partners", "0006_call_them_members"),
    ]

    operations = [
        RowSecurity("webhooks_handshake"),
        SamePartner("webhooks_handshake", "meta_app_id", to="partners_metaapp"),
    ]
