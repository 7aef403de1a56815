"""The check that the version of the Graph API is alive (meta-api, 8.5)."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate

from golive.readiness.ground import Ground
from golive.readiness.results import Result, green, red, unknown
from golive.readiness.steps import Step
from mbe.catalog import FEATURE_TYPES
from mbe.versions import version_named
from partners.models import MetaApp

ENDS_SOON = timedelta(days=30)
_MARKETING_SCOPES = {"ads_management", "ads_read", "catalog_management"}


def graph_version(ground: Ground, _: str) -> Result:
    """Whether the version is alive, for how long, and is the one that Meta answers in.

    That it ends is known without Meta; that it is alive only where Meta answers. Raises as `Ground.subscriptions`.
    """
    version, known = settings.META_GRAPH_VERSION, version_named(settings.META_GRAPH_VERSION)
    if known is None:
        return unknown(Step.UNKNOWN_VERSION, version=version)
    is_marketing = _needs_marketing(ground.app)
    marketing = known.marketing_ends_on if is_marketing else None
    seen: dict[str, Any] = {"version": version, "ends_on": known.ends_on, "marketing_ends_on": marketing}
    if is_marketing and marketing is None:
        seen["marketing_expected_on"] = known.marketing_expected_on
    if _ends_soon(known.ends_on):
        return red(Step.VERSION_ENDS, **seen)
    if _ends_soon(marketing):
        return red(Step.MARKETING_ENDS, **seen)
    seen["answered"] = answered = ground.subscriptions.version
    return red(Step.OTHER_VERSION, **seen) if answered not in ("", version) else green(**seen)


def _ends_soon(day: date | None) -> bool:
    return day is not None and day - localdate() <= ENDS_SOON


def _needs_marketing(app: MetaApp) -> bool:
    """Whether features that the app offers stand on endpoints of the Marketing API, which end sooner."""
    offered = (FEATURE_TYPES[name] for name in app.features if name in FEATURE_TYPES)
    return any(_MARKETING_SCOPES.intersection(each.scopes) for each in offered)
