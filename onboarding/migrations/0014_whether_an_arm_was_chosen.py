from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0013_whole_menu_chosen"),
    ]

    operations = [
        migrations.AddField(
            model_name="onboardingattempt",
            name="is_arm_chosen",
            field=models.BooleanField(default=False, verbose_name="chosen arm"),
        ),
        migrations.AddField(
            model_name="showing",
            name="is_arm_chosen",
            field=models.BooleanField(default=False, verbose_name="chosen arm"),
        ),
    ]
