from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0009_row_security_of_handshakes"),
    ]

    operations = [
        migrations.AddField(
            model_name="handshake",
            name="token_hash",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
    ]
