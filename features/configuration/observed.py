"""What Meta has, and how that compares with what is wanted."""

from collections.abc import Mapping
from typing import Any

from features.models import Change, Feature
from mbe.catalog import FEATURE_TYPES
from mbe.customizing import SETTINGS, observed_settings

ENABLED = "enabled"


def is_customizable(feature: Feature) -> bool:
    """Whether its settings can be changed through Meta's feature configuration (mbe-v3 §6)."""
    if feature.is_implied:
        return False
    known = FEATURE_TYPES.get(feature.feature_type)
    return known is not None and known.is_customizable


def observed(feature: Feature) -> dict[str, Any]:
    """What Meta had when last read, flat: `enabled` (None: Meta did not say) and the settings by Meta's names."""
    return observed_settings(feature.is_enabled, feature.configuration)


def last_change(feature: Feature) -> Change | None:
    """The newest line of the history about its configuration: when it changed last, and what led us to see it."""
    kinds = (Change.Kind.CONFIGURED, Change.Kind.INSTALLED)
    return Change.objects.filter(feature=feature, kind__in=kinds).order_by("-pk").first()


def known_settings(feature_type: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of flat values those that can be set for this type and are set: others are Meta's alone."""
    names = [ENABLED, *(setting.name for setting in SETTINGS.get(feature_type, ()))]
    return {name: values[name] for name in names if values.get(name) is not None}


def is_unset(value: Any) -> bool:
    """Whether Meta has nothing there."""
    return value is None or value in ("", [])
