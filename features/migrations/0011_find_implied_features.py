from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("features", "0010_v2_connections"),
        ("partners", "0007_test_apps_and_sign_in"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="feature",
            index=models.Index(
                condition=models.Q(("is_implied", True), ("removed_at", None)),
                fields=["installation"],
                name="feature_implied",
            ),
        ),
    ]
