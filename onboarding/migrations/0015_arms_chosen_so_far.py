from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef

from partners.row_security import seen_by_the_owner

TABLES = ("onboarding_armoverride", "onboarding_onboardingattempt", "onboarding_showing")


def forwards(apps: Any, schema_editor: Any) -> None:
    """See every partner's."""
    with seen_by_the_owner(schema_editor, *TABLES):
        mark_what_was_chosen(apps)


def mark_what_was_chosen(apps: Any) -> None:
    """What a business met since staff chose its arm, it met in a chosen one; choices taken back left no trace here."""
    for model, met_at in (("Showing", "first_at"), ("OnboardingAttempt", "started_at")):
        chosen = apps.get_model("onboarding", "ArmOverride").objects.filter(
            entry_point=OuterRef("entry_point"), business=OuterRef("business"), created_at__lte=OuterRef(met_at)
        )
        apps.get_model("onboarding", model).objects.filter(Exists(chosen)).update(is_arm_chosen=True)


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0014_whether_an_arm_was_chosen"),
    ]

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
