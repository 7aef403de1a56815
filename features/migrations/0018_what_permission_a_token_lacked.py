from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("features", "0017_uninstall_called_off")]

    operations = [
        migrations.AddField(
            model_name="accesstoken",
            name="permission_missing_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="accesstoken",
            name="permission_missing",
            field=models.CharField(blank=True, max_length=500),
        ),
    ]
