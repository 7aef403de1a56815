from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("readiness", "0001_checks"),
        ("partners", "0006_call_them_members"),
    ]

    operations = [
        RowSecurity("readiness_check"),
        RowSecurity("readiness_checkchange"),
        SamePartner("readiness_check", "meta_app_id", to="partners_metaapp"),
        SamePartner("readiness_checkchange", "check_row_id", to="readiness_check"),
    ]
