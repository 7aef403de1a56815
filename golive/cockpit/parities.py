"""What the v3 answers of an app's businesses have more or less than v2 implied, and who has looked at it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import get_language

from features.implied.models import Parity, Reason
from mbe.catalog import FEATURE_TYPES
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.models import MetaApp
from partners.tenancy import tenant


@dataclass(frozen=True)
class Line:
    """One feature: its name for the reader, its assets, and why it stands where it stands."""

    name: str
    assets: str
    reason: str


def differences(app: MetaApp) -> QuerySet[Parity]:
    """The app's comparisons in which something was gained or lost, those with most lost first."""
    rows = Parity.objects.filter(partner=app.partner_id, installation__meta_app=app)
    differing = rows.filter(Q(gained_count__gt=0) | Q(lost_count__gt=0))
    return differing.select_related("installation__business").order_by("-lost_count", "-pk")


def to_look_at(app: MetaApp) -> QuerySet[Parity]:
    """Those of the differences that nobody has looked at."""
    return differences(app).filter(looked_at=None)


def lines(features: list[dict[str, Any]]) -> list[Line]:
    """The features of a comparison in the reader's words."""
    return [_line(each) for each in features]


def look(app: MetaApp, number: int, digest: str, is_looked_at: bool, by: By) -> bool:
    """Mark a comparison as looked at, or take the mark back; False where there is none or it stands so already.

    False, too, where it is no longer the one with that digest: what came since has not been looked at.
    """
    with tenant(app.partner_id):
        rows = Parity.objects.select_for_update(of=("self",)).select_related("installation__business")
        row = rows.filter(pk=number, installation__meta_app=app, looked_at__isnull=is_looked_at).first()
        if row is None or (is_looked_at and row.digest != digest):
            return False
        before, row.looked_at = row.looked_at, now() if is_looked_at else None
        row.looked_by = by.name[: Parity._meta.get_field("looked_by").max_length] if is_looked_at else ""
        row.save(update_fields=["looked_at", "looked_by"])
        record(Action.CHANGED, row, by=by, changes={"looked_at": [before, row.looked_at]})
    return True


def _line(feature: dict[str, Any]) -> Line:
    known = FEATURE_TYPES.get(feature.get("feature_type", ""))
    name = known.label.in_language(get_language() or "en") if known else str(feature.get("feature_type", ""))
    reason = str(feature.get("reason", ""))
    assets = ", ".join(f"{key} {value}" for key, value in (feature.get("assets") or {}).items())
    return Line(name, assets, str(Reason(reason).label) if reason in Reason.values else reason)
