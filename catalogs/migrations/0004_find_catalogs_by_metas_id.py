from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogs", "0003_look_at_catalogs_known_before")]

    operations = [
        migrations.AddIndex(
            model_name="catalog",
            index=models.Index(fields=["catalog_id"], name="catalog_by_metas_id"),
        ),
    ]
