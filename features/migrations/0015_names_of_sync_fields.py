from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("features", "0014_why_tokens_died"),
    ]

    operations = [
        migrations.AlterField(
            model_name="change",
            name="generation",
            field=models.BigIntegerField(verbose_name="number of the sync"),
        ),
        migrations.AlterField(
            model_name="installation",
            name="applied_generation",
            field=models.BigIntegerField(default=0, verbose_name="number of the sync last applied"),
        ),
        migrations.AlterField(
            model_name="installation",
            name="claimed_generation",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="number of the sync last begun"),
        ),
        migrations.AlterField(
            model_name="installation",
            name="requested_cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("webhook", "webhook"),
                    ("return", "return from Meta"),
                    ("reconcile", "reconcile"),
                    ("staff", "staff"),
                    ("push", "push"),
                    ("import", "import"),
                    ("uninstall", "uninstall by staff"),
                ],
                max_length=16,
                verbose_name="cause of the sync asked for",
            ),
        ),
        migrations.AlterField(
            model_name="installation",
            name="requested_generation",
            field=models.BigIntegerField(default=0, verbose_name="number of the newest sync asked for"),
        ),
    ]
