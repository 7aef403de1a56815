from django.db import migrations

# The owner sees no row of a table whose row security is forced.
MARK = """
UPDATE features_installation SET catalogs_changed_at = now()
WHERE id IN (SELECT installation_id FROM features_feature WHERE removed_at IS NULL AND connected_assets ? 'catalog_id')
"""
TABLES = ("features_feature", "features_installation")


class Migration(migrations.Migration):
    """Installations from before there were catalogs: their features named some already."""

    dependencies = [("catalogs", "0002_row_security")]

    operations = [
        migrations.RunSQL(
            [
                *(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in TABLES),
                MARK,
                *(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY" for table in TABLES),
            ],
            migrations.RunSQL.noop,
        )
    ]
