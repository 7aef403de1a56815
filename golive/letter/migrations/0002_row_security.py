from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("letter", "0001_testers"),
        ("partners", "0007_test_apps_and_sign_in"),
    ]

    operations = [
        RowSecurity("letter_tester"),
        SamePartner("letter_tester", "meta_app_id", to="partners_metaapp"),
    ]
