"""More to turn on: what a business's verticals offer and it does not use yet, and the button that starts it. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from mbe.catalog import VERTICALS, Intent, Vertical, menu
from onboarding.models import EntryPoint
from partners.models import MetaApp


@dataclass(frozen=True)
class More:
    """A use case that is not used yet; `intent` is None in a vertical without intents (mbe-v3, section 9).

    `brings` are the feature types that it would add; `entry_point` starts it, None where no active one does.
    """

    vertical: Vertical
    intent: Intent | None
    brings: tuple[str, ...]
    entry_point: EntryPoint | None


def missing_of(
    vertical: Vertical, intent: Intent | None, offered: Collection[str], installed: Collection[str]
) -> list[str]:
    """What a use case would add to the types on record, switched off or implied ones too: nothing, then it is used.

    Without an intent: the features that the vertical offers all the same, as far as the app does.
    """
    if intent is not None:
        return intent.lacks(installed)
    return [name for name in vertical.unverified_features if name in offered and name not in installed]


def more_to_turn_on(
    verticals: Iterable[str], meta_app: MetaApp, installed: Collection[str], entry_points: Sequence[EntryPoint]
) -> list[More]:
    """What of these verticals the app offers and the business, with these types on record, does not use yet.

    An intent's own entry point starts it, else one of its vertical's whole menu.
    """
    active = [each for each in entry_points if each.is_active and each.meta_app_id == meta_app.pk]
    found = []
    for vertical in (VERTICALS[name] for name in verticals if name in VERTICALS):
        intents: list[Intent | None] = [item.intent for item in menu(vertical.name, meta_app.features)]
        for intent in [*intents, None]:
            if missing := missing_of(vertical, intent, meta_app.features, installed):
                found.append(More(vertical, intent, tuple(missing), _starter(active, vertical, intent)))
    return found


def _starter(active: Sequence[EntryPoint], vertical: Vertical, intent: Intent | None) -> EntryPoint | None:
    names = [intent.name, ""] if intent else [""]
    by_intent = {each.intent: each for each in reversed(active) if each.vertical == vertical.name}
    return next((by_intent[name] for name in names if name in by_intent), None)
