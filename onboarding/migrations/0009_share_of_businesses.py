import django.core.validators
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0008_attempts_open_at_meta"),
    ]

    operations = [
        migrations.AddField(
            model_name="entrypoint",
            name="minimal_onboarding_percent",
            field=models.PositiveSmallIntegerField(
                default=100,
                help_text="100: all get the v3 feature menu. 0: all keep the v2 interface. Between: this share of the "
                "businesses, always the same ones, gets the menu.",
                validators=[django.core.validators.MaxValueValidator(100)],
                verbose_name="businesses with the v3 menu, in %",
            ),
        ),
        migrations.AddField(
            model_name="entrypoint",
            name="previous_percent",
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="entrypoint",
            constraint=models.CheckConstraint(
                condition=Q(("minimal_onboarding_percent__range", (0, 100)))
                & (Q(("previous_percent__isnull", True)) | Q(("previous_percent__range", (0, 100)))),
                name="entry_point_percent_is_one",
            ),
        ),
        migrations.AddIndex(
            model_name="onboardingattempt",
            index=models.Index(
                condition=models.Q(("connected_at__isnull", True), ("outcome", "succeeded")),
                fields=["returned_at"],
                name="attempt_to_be_connected",
            ),
        ),
    ]
