from typing import Any

from django.db import migrations

from partners.row_security import seen_by_the_owner

TABLE = "onboarding_entrypoint"


def to_percent(apps: Any, schema_editor: Any) -> None:
    """On is all businesses, off is none."""
    entry_points = apps.get_model("onboarding", "EntryPoint").objects
    with seen_by_the_owner(schema_editor, TABLE):
        entry_points.filter(use_minimal_onboarding=False).update(minimal_onboarding_percent=0)


def to_switch(apps: Any, schema_editor: Any) -> None:
    """A share of the businesses becomes off: nobody gets the new menu unasked."""
    entry_points = apps.get_model("onboarding", "EntryPoint").objects
    with seen_by_the_owner(schema_editor, TABLE):
        entry_points.filter(minimal_onboarding_percent__lt=100).update(use_minimal_onboarding=False)


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0009_share_of_businesses"),
    ]

    operations = [
        migrations.RunPython(to_percent, to_switch),
    ]
