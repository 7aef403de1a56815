from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("configuration", "0005_what_a_refused_push_waits_for")]

    operations = [
        migrations.AddField(
            model_name="push",
            name="confirmed_later_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="shown by a later read at"),
        ),
    ]
