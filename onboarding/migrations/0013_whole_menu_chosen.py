from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0012_earlier_attempts_in_the_funnel"),
    ]

    operations = [
        migrations.AddField(
            model_name="entrypoint",
            name="has_chosen_menu",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddConstraint(
            model_name="entrypoint",
            constraint=models.CheckConstraint(
                condition=Q(("has_chosen_menu", False), ("intent", ""), _connector="OR"),
                name="entry_point_menu_or_intent",
            ),
        ),
    ]
