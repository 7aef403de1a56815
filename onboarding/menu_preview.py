"""The feature menu that a merchant will see at Meta, in the reader's language (mbe-v3 §2 and §9)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language

from mbe.catalog import FEATURE_TYPES, VERTICALS, Intent, menu, needs_domain, scopes_for
from partners.models import MetaApp


@dataclass(frozen=True)
class PreviewedFeature:
    """A feature that an item turns on."""

    name: str
    label: str
    is_optional: bool


@dataclass(frozen=True)
class PreviewedItem:
    """One line of the menu; `comes_first` where the merchant is taken through it before the menu."""

    intent: str
    use_case: str
    description: str
    features: tuple[PreviewedFeature, ...]
    comes_first: bool


@dataclass(frozen=True)
class MenuPreview:
    """A vertical's menu for one app, with what the login will ask for."""

    vertical: str
    use_case: str
    wire_value: str
    is_verified: bool
    items: tuple[PreviewedItem, ...]
    more_features: tuple[PreviewedFeature, ...]
    scopes: tuple[str, ...]
    needs_domain: bool


def preview(meta_app: MetaApp, vertical: str, intent: str) -> MenuPreview | None:
    """The menu of a vertical as this app offers it; None for an impossible pair."""
    known = VERTICALS.get(vertical)
    if known is None or (intent and intent not in {each.name for each in known.intents}):
        return None
    language = get_language() or "en"
    items = [_item(each.intent, each.features, language, intent) for each in menu(vertical, meta_app.features)]
    more = [each for each in known.unverified_features if each in meta_app.features]
    return MenuPreview(
        vertical=known.label.in_language(language),
        use_case=known.use_case.in_language(language),
        wire_value=settings.META_VERTICAL_CODES.get(vertical, vertical),
        is_verified=known.is_verified,
        items=tuple(sorted(items, key=lambda item: not item.comes_first)),
        more_features=_features(more, (), language),
        scopes=tuple(scopes_for(vertical, intent, meta_app.features)),
        needs_domain=needs_domain(vertical, intent, ""),
    )


def _item(intent: Intent, features: Sequence[str], language: str, chosen: str) -> PreviewedItem:
    return PreviewedItem(
        intent=intent.name,
        use_case=intent.use_case.in_language(language),
        description=intent.description.in_language(language),
        features=_features(features, intent.optional, language),
        comes_first=intent.name == chosen,
    )


def _features(names: Sequence[str], optional: Sequence[str], language: str) -> tuple[PreviewedFeature, ...]:
    return tuple(
        PreviewedFeature(name, FEATURE_TYPES[name].label.in_language(language), name in optional) for name in names
    )
