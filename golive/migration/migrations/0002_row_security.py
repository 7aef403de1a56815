from django.db import migrations

from partners.row_security import RowSecurity, SamePartner


class Migration(migrations.Migration):
    dependencies = [
        ("migration", "0001_imports"),
        ("partners", "0006_call_them_members"),
    ]

    operations = [
        RowSecurity("migration_import"),
        RowSecurity("migration_importpart"),
        RowSecurity("migration_importrow"),
        SamePartner("migration_import", "meta_app_id", to="partners_metaapp"),
        SamePartner("migration_importpart", "run_id", to="migration_import"),
        SamePartner("migration_importrow", "run_id", to="migration_import"),
    ]
