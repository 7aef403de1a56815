import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogs", "0004_find_catalogs_by_metas_id"),
        ("partners", "0007_test_apps_and_sign_in"),
    ]

    operations = [
        migrations.AlterField(
            model_name="product",
            name="business",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="partners.business",
                verbose_name="business",
            ),
        ),
    ]
