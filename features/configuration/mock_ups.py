"""What the merchant's customers will see of a configuration: a drawing, made from values that are not saved yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from features.models import Feature

# Where at Meta each customizable feature shows itself (mbe-v3 §7); each place has a template of its own.
PLACES: dict[str, str] = {
    "page_cta": "page",
    "ig_cta": "instagram",
    "messenger_menu": "messenger",
    "thread_intent": "thread",
    "page_card": "card",
    "messenger_chat": "website",
}


@dataclass(frozen=True)
class MockUp:
    """A drawing: the template, whose it is, whether the feature is on, and the values by Meta's names."""

    template: str
    business: str
    initial: str
    is_on: bool
    values: Mapping[str, Any]
    leads_to: str


def mock_up(feature_type: str, business: str, values: Mapping[str, Any]) -> MockUp | None:
    """Draw flat values for one business; None for a type that there is no drawing of."""
    place = PLACES.get(feature_type)
    if place is None:
        return None
    return MockUp(
        template=f"admin/portal/mock_up_{place}.html",
        business=business,
        initial=business[:1].upper(),
        is_on=bool(values.get("enabled")),
        values=values,
        leads_to=_host(_address(values)),
    )


def mock_up_of(feature: Feature, values: Mapping[str, Any]) -> MockUp | None:
    """Draw flat values for a feature's business; needs the feature's installation and business."""
    business = feature.installation.business
    return mock_up(feature.feature_type, business.name or business.external_business_id, values)


def _address(values: Mapping[str, Any]) -> str:
    """Where the drawing leads, whichever of the settings says so."""
    origins = values.get("domains") or [""]
    return str(values.get("cta_button_url") or values.get("see_all_url") or origins[0])


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
