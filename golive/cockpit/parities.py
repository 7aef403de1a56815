"""What the v3 answers of an app's businesses have more or less than v2 implied."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import get_language

from features.implied.models import Parity, Reason
from features.models import Installation, MbeVersion
from mbe.catalog import FEATURE_TYPES
from partners.models import MetaApp


@dataclass(frozen=True)
class Line:
    """One feature: its name for the reader, its assets, and why it stands where it stands."""

    name: str
    assets: str
    reason: str


def differences(app: MetaApp) -> QuerySet[Parity]:
    """The app's comparisons in which something was gained or lost, those with most lost first.

    As long as the whole app is on v2, what ended there is none of v3's.
    """
    rows = Parity.objects.filter(partner=app.partner_id, installation__meta_app=app)
    connected = Installation.objects.filter(meta_app=app, state=Installation.State.CONNECTED)
    is_on_v2 = Exists(connected.filter(mbe_version=MbeVersion.V2)) & ~Exists(
        connected.filter(mbe_version=MbeVersion.V3)
    )
    rows = rows.exclude(is_on_v2, installation__mbe_version=MbeVersion.V2)
    differing = rows.filter(Q(gained_count__gt=0) | Q(lost_count__gt=0))
    return differing.select_related("installation__business").order_by("-lost_count", "-pk")


def to_look_at(app: MetaApp) -> QuerySet[Parity]:
    """Those of the differences that nobody has looked at."""
    return differences(app).filter(looked_at=None)


def lines(features: list[dict[str, Any]]) -> list[Line]:
    """The features of a comparison in the reader's words."""
    return [_line(each) for each in features]


def _line(feature: dict[str, Any]) -> Line:
    known = FEATURE_TYPES.get(feature.get("feature_type", ""))
    name = known.label.in_language(get_language() or "en") if known else str(feature.get("feature_type", ""))
    reason = str(feature.get("reason", ""))
    assets = ", ".join(f"{key} {value}" for key, value in (feature.get("assets") or {}).items())
    return Line(name, assets, str(Reason(reason).label) if reason in Reason.values else reason)
