from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0006_row_security"),
    ]

    operations = [
        migrations.AddField(
            model_name="refusedcount",
            name="last_at",
            field=models.DateTimeField(null=True, verbose_name="last at"),
        ),
    ]
