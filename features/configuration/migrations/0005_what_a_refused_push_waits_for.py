from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("configuration", "0004_uninstalled_by_staff")]

    operations = [
        migrations.AddField(
            model_name="push",
            name="tried_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="last tried at"),
        ),
        migrations.AlterField(
            model_name="push",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("replaced", "A newer plan took its place."),
                    ("withdrawn", "Somebody withdrew it."),
                    ("stopped", "The push to many was stopped."),
                    ("removed", "The feature is no longer installed."),
                    ("uninstalled", "Staff had the feature uninstalled."),
                    ("busy", "Another push of the feature was under way."),
                    ("not_named", "Meta's configuration names no such feature instance."),
                    ("unread", "Meta took it, but could not be asked afterwards."),
                    ("no_token", "There is no access token that Meta accepts."),
                    ("permission", "A permission is missing or was taken back."),
                    ("secret", "Meta does not accept the app secret that is kept here."),
                ],
                max_length=16,
                verbose_name="reason",
            ),
        ),
        migrations.AddIndex(
            model_name="push",
            index=models.Index(
                condition=Q(state="refused", reason__in=["no_token", "permission", "secret"]),
                fields=["id"],
                name="push_curable",
            ),
        ),
    ]
