from typing import Any

from django.db import migrations
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from partners.row_security import seen_by_the_owner

TABLES = (
    "features_change",
    "features_installation",
    "onboarding_entrypoint",
    "onboarding_onboardingattempt",
    "onboarding_showing",
)


def forwards(apps: Any, schema_editor: Any) -> None:
    """See every partner's."""
    with seen_by_the_owner(schema_editor, *TABLES):
        tell_of_earlier_attempts(apps)


def tell_of_earlier_attempts(apps: Any) -> None:
    """The arm and the connection of attempts from before there were arms: by the switch, and by the history.

    Without them all would stand in the v3 arm, and none of them would ever have connected.
    """
    earlier = _earlier(apps)
    entry_points = apps.get_model("onboarding", "EntryPoint").objects
    of_v2 = entry_points.filter(minimal_onboarding_percent=0).values("pk")
    earlier.filter(entry_point__in=of_v2).update(use_minimal_onboarding=False)
    where = {"meta_app": OuterRef("meta_app"), "business": OuterRef("business")}
    connected = apps.get_model("features", "Installation").objects.filter(**where, state="connected")
    changes = apps.get_model("features", "Change").objects.filter(
        **{f"installation__{name}": value for name, value in where.items()},
        kind="connected",
        occurred_at__gte=OuterRef("returned_at"),
    )
    came = earlier.filter(Q(Exists(connected)) | Q(Exists(changes)), outcome="succeeded", connected_at=None)
    # Whoever came back while connected has been so all the time.
    first = changes.order_by("occurred_at").values("occurred_at")[:1]
    came.update(connected_at=Coalesce(Subquery(first), F("returned_at")))


def _earlier(apps: Any) -> Any:
    """Attempts at a button that was never noted as shown, as every one is since there are arms."""
    showings = apps.get_model("onboarding", "Showing").objects
    noted = showings.filter(entry_point=OuterRef("entry_point"), business=OuterRef("business"))
    return apps.get_model("onboarding", "OnboardingAttempt").objects.filter(
        ~Exists(noted.filter(first_at__lte=OuterRef("started_at"))), way_in="login"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0011_no_switch"),
        ("features", "0013_what_tokens_may_do"),
    ]

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
