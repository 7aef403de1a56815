"""What Meta's feature menu should offer: for each vertical that an app's entry points lead to (mbe-v3 §8 and §9)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings

from mbe.catalog import VERTICALS, menu
from onboarding.models import EntryPoint
from partners.models import MetaApp


@dataclass(frozen=True)
class Offer:
    """A vertical's menu as an app should have it.

    `items` are (intent, its features), `more` the features of a vertical without intents; `starts` are the intents
    into which entry points lead ("" for the whole menu).
    """

    vertical: str
    wire_value: str
    items: tuple[tuple[str, tuple[str, ...]], ...]
    more: tuple[str, ...]
    starts: tuple[str, ...]
    entry_points: tuple[EntryPoint, ...]

    @property
    def features(self) -> list[str]:
        """Every feature once, in the menu's order."""
        return [*dict.fromkeys([*(each for _intent, features in self.items for each in features), *self.more])]

    @property
    def as_json(self) -> dict[str, Any]:
        """What a confirmation is about; names and slugs of entry points are not."""
        items = [{"intent": intent, "features": [*features]} for intent, features in self.items]
        return {"wire_value": self.wire_value, "items": items, "more": [*self.more], "starts": [*self.starts]}

    @property
    def fingerprint(self) -> str:
        """The hash of `as_json`."""
        return sha256(json.dumps(self.as_json, sort_keys=True).encode()).hexdigest()


def offers_of(meta_app: MetaApp, entry_points: Iterable[EntryPoint]) -> list[Offer]:
    """The menus to which these active entry points of the app lead, in the catalog's order of verticals."""
    leading: dict[str, list[EntryPoint]] = {}
    for each in entry_points:
        leading.setdefault(each.vertical, []).append(each)
    return [_offer(meta_app, vertical, leading[vertical]) for vertical in VERTICALS if vertical in leading]


def active_entry_points(meta_app: MetaApp) -> list[EntryPoint]:
    """The app's entry points that merchants see; call it inside a door."""
    rows = EntryPoint.objects.filter(partner=meta_app.partner_id, meta_app=meta_app, is_active=True)
    return list(rows.order_by("pk"))


def features_in(offered: dict[str, Any]) -> list[str]:
    """The features of an offer as it is kept."""
    items = [each for item in offered.get("items", []) for each in item.get("features", [])]
    return [*dict.fromkeys([*items, *offered.get("more", [])])]


def _offer(meta_app: MetaApp, vertical: str, entry_points: Sequence[EntryPoint]) -> Offer:
    more = VERTICALS[vertical].unverified_features
    return Offer(
        vertical=vertical,
        wire_value=settings.META_VERTICAL_CODES.get(vertical, vertical),
        items=tuple((each.intent.name, each.features) for each in menu(vertical, meta_app.features)),
        more=tuple(each for each in more if each in meta_app.features),
        starts=tuple(sorted({each.intent for each in entry_points})),
        entry_points=tuple(entry_points),
    )
