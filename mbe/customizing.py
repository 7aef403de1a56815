"""The settings of customizable features: what there is to set, what differs, and what to post (meta-api, 1.9 and 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mbe.catalog import FEATURE_TYPES
from mbe.text import Text

Kind = Literal["text", "url", "origins"]

# What Meta adds on read, or what is kept apart from the settings.
NOT_SETTINGS = frozenset({"feature_instance_id", "enabled", "default_locale"})

_PARTNER = "{partner}"


@dataclass(frozen=True)
class Setting:
    """One setting of a feature, under Meta's name; ``origins`` is a list such as ``["https://shop.example"]``.

    The suggestions are those of Meta's samples: any other text is as good. ``{partner}`` stands for the partner's name.
    """

    name: str
    kind: Kind
    label: Text
    suggestions: tuple[str, ...] = ()

    def suggested_by(self, partner: str) -> tuple[str, ...]:
        """Give the suggestions with the partner's name in place."""
        return tuple(suggestion.replace(_PARTNER, partner) for suggestion in self.suggestions)


@dataclass(frozen=True)
class InstanceSettings:
    """The flat settings (``enabled`` among them) to post for one instance.

    ``is_only_one``: the business has no other instance of the type. The id may be empty then.
    """

    feature_type: str
    feature_instance_id: str
    settings: Mapping[str, Any]
    is_only_one: bool


_BUTTON_TEXT = Text("Button text", "按鈕文字")
_CTA_TEXT = Setting(
    "cta_button_text", "text", _BUTTON_TEXT, ("Book Now", "Reserve", "Order Food", "Shop Now", "Buy Now")
)
_CTA_URL = Setting("cta_button_url", "url", Text("Button address", "按鈕網址"))

SETTINGS: dict[str, tuple[Setting, ...]] = {
    "page_cta": (
        _CTA_TEXT,
        _CTA_URL,
        Setting(
            "below_button_text", "text", Text("Text below the button", "按鈕下方的文字"), (f"Powered by {_PARTNER}",)
        ),
    ),
    "ig_cta": (_CTA_TEXT, _CTA_URL),
    "messenger_menu": (_CTA_TEXT, _CTA_URL),
    "thread_intent": (Setting("cta_button_url", "url", Text("Address of the open slots", "開放預約時段的網址")),),
    "page_card": (
        Setting("cta_button_text", "text", _BUTTON_TEXT, ("Book", "Book Now", "Reserve")),
        Setting(
            "see_all_text", "text", Text("Text of the link to all services", "「查看全部」連結的文字"), ("See All",)
        ),
        Setting("see_all_url", "url", Text("Address of all services", "全部服務的網址")),
    ),
    "messenger_chat": (Setting("domains", "origins", Text("Websites", "網站")),),
}


def comparable(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give the settings as Meta told them, without what is none: what it adds on read, the id, ``enabled``."""
    return {name: value for name, value in settings.items() if name not in NOT_SETTINGS}


def observed_settings(enabled: bool | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give what Meta told about an instance as one flat mapping; ``enabled`` is None where it did not say."""
    return {"enabled": enabled, **comparable(settings)}


def differences(wanted: Mapping[str, Any], observed: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Give, for each setting that is wanted otherwise than it is, what was observed (None: nothing) and what is wanted.

    Both are flat, ``enabled`` among them. Lists are equal in any order; an empty setting equals none at all, since Meta
    leaves it out. Nothing else is made equal.
    """
    return {
        name: (observed.get(name), value) for name, value in wanted.items() if not _is_same(value, observed.get(name))
    }


def business_config(changes: Sequence[InstanceSettings]) -> dict[str, Any]:
    """Give the ``business_config`` to post (meta-api, 4.2).

    The only instance of its type goes under the type's name; otherwise instances go in the list under its plural, each
    with its id. Raises ValueError for a type that is not customizable, for one of several instances without an id, and
    for an instance named twice.
    """
    by_type: dict[str, list[InstanceSettings]] = {}
    for change in changes:
        by_type.setdefault(change.feature_type, []).append(change)
    return dict(_entry(feature_type, those) for feature_type, those in by_type.items())


def plural_of(feature_type: str) -> str:
    """Give the key of the list with a customizable type's instances."""
    return f"{feature_type}s"


def _entry(feature_type: str, changes: list[InstanceSettings]) -> tuple[str, Any]:
    known = FEATURE_TYPES.get(feature_type)
    if known is None or not known.is_customizable:
        raise ValueError(f"{feature_type} is not customizable")
    if len(changes) == 1 and changes[0].is_only_one:
        return feature_type, _element(changes[0])
    instances = {change.feature_instance_id for change in changes}
    if len(instances) < len(changes) or "" in instances:
        raise ValueError(f"Each of several instances of {feature_type} needs an id of its own")
    return plural_of(feature_type), [_element(change) for change in changes]


def _element(change: InstanceSettings) -> dict[str, Any]:
    own = {"feature_instance_id": change.feature_instance_id, "enabled": change.settings.get("enabled")}
    return {name: value for name, value in own.items() if value not in ("", None)} | comparable(change.settings)


def _is_same(wanted: object, observed: object) -> bool:
    if _is_empty(wanted) or _is_empty(observed):
        return _is_empty(wanted) and _is_empty(observed)
    if isinstance(wanted, list) and isinstance(observed, list):
        return set(map(str, wanted)) == set(map(str, observed))
    # True is not 1.
    return type(wanted) is type(observed) and wanted == observed


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == []
