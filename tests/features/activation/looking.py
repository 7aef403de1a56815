"""What tests of activation do again and again: sync, look, read what came of it."""

from typing import Any

from features.activation.models import Activation
from features.activation.running import run_one
from features.models import Change, Feature, Installation
from features.sync import sync_one
from tests.meta import Meta, hint


def connected(meta: Meta, external_id: str, *features: str, pages: int = 1) -> Installation:
    """A business with these features, synced; nobody has looked at its activations yet."""
    installation = meta.installation(external_id, *features, pages=pages)
    return synced(installation)


def synced(installation: Installation) -> Installation:
    """Sync what is due, and read the row again."""
    sync_one(installation.partner_id, installation.pk)
    installation.refresh_from_db()
    return installation


def changed(meta: Meta, installation: Installation, **wish: Any) -> None:
    """Change what is installed at Meta, and sync."""
    meta.change(installation.business.external_business_id, **wish)
    hint(installation)
    synced(installation)


def look(installation: Installation) -> bool:
    """Look at what is due; whether anything was."""
    return run_one(installation.partner_id, installation.pk)


def activation(feature_type: str, **which: Any) -> Activation:
    """The activation of the one feature of this type."""
    return Activation.objects.select_related("feature").get(feature__feature_type=feature_type, **which)


def steps(row: Activation) -> dict[str, str]:
    """Its steps by code, each with its state."""
    return {each["step"]: each["state"] for each in row.steps}


def history(feature: Feature) -> list[tuple[str, str]]:
    """How its activation went, from state to state."""
    rows = Change.objects.filter(feature=feature, kind=Change.Kind.ACTIVATION).order_by("pk")
    return [(each.before["activation"], each.after["activation"]) for each in rows]


def calls(meta: Meta) -> dict[str, int]:
    """Every Graph call that the sandbox got, with how often it did."""
    return dict(meta.counters()["calls"])
