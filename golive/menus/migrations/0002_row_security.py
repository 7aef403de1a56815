from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("menus", "0001_confirmations"),
        ("partners", "0007_test_apps_and_sign_in"),
    ]

    operations = [
        RowSecurity("menus_menuconfirmation"),
        SamePartner("menus_menuconfirmation", "meta_app_id", to="partners_metaapp"),
    ]
