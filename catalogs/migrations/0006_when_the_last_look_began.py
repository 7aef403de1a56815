from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogs", "0005_business_of_a_product")]

    operations = [
        migrations.AddField(
            model_name="catalog",
            name="looked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="last look at"),
        ),
    ]
