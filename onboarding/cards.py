"""The buttons of a merchant's page: which entry points, what each turns on, and why one cannot be used."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from django.utils.translation import get_language, gettext, gettext_lazy

from features.models import Installation
from mbe.catalog import INTENTS, VERTICALS, MenuItem, menu, missing_features
from onboarding.connections import Connection, feature_label
from onboarding.cta import uses_domain
from onboarding.models import EntryPoint, LaunchLink
from onboarding.more import missing_of
from onboarding.sharing import Shared
from onboarding.trials import hidden_from
from onboarding.websites import needing_website
from partners.models import Business


@dataclass(frozen=True)
class OfferedFeature:
    """A feature that a use case turns on; `is_on` when it is installed already."""

    label: str
    is_optional: bool
    is_on: bool


@dataclass(frozen=True)
class UseCase:
    """What a merchant gets: a sentence, a description, the features behind them; `is_on` when all needed ones are.

    It `is_used` when they are installed, be it that they are switched off.
    """

    title: str
    description: str
    features: tuple[OfferedFeature, ...]
    is_on: bool
    is_used: bool


class Stage(StrEnum):
    """What a card is to a business: something to begin with, something more, or all of it used already."""

    OFFER = "offer"
    MORE = "more"
    USED = "used"


@dataclass(frozen=True)
class Card:
    """An entry point as a merchant sees it; `obstacle` says why its button cannot be used, empty when it can.

    With an intent it has one use case; without (`is_menu`) those of its vertical, which Meta shows as its feature menu
    where the arm has one (`has_feature_menu`): of a connected business those not used yet, and `has_used` where there
    are others. `shared` is there when the business was connected through another vertical.
    """

    slug: str
    title: str
    vertical: str
    is_menu: bool
    has_feature_menu: bool
    use_cases: tuple[UseCase, ...]
    obstacle: str
    stage: Stage
    has_used: bool
    shared: Shared | None = None

    @property
    def is_on(self) -> bool:
        """Whether a use case of it is on."""
        return any(use_case.is_on for use_case in self.use_cases)


def entry_points_of(link: LaunchLink, app_id: str | None = None) -> list[EntryPoint]:
    """The entry points that this link opens: its one, or every active one of the business's verticals.

    With `app_id` only those of that Meta app, at which the merchant started: of a test app too, for Meta lets nobody
    else than its testers start there. Else a test app's only for businesses of its own (`onboarding.trials`).
    """
    rows = EntryPoint.objects.filter(partner_id=link.partner_id).select_related("meta_app").order_by("pk")
    if app_id is not None:
        rows = rows.filter(meta_app__app_id=app_id)
    if link.entry_point_id is not None:
        return list(rows.filter(pk=link.entry_point_id))
    hidden = hidden_from(link.business) if app_id is None else set()
    found = [each for each in rows.filter(is_active=True) if link.business.serves(each.vertical)]
    return [each for each in found if each.meta_app_id not in hidden]


class Obstacle(Enum):
    """Why a business cannot start at an entry point that its link opens."""

    SWITCHED_OFF = auto()
    FEATURE_MISSING = auto()
    DOMAIN_MISSING = auto()


_WORDS = {
    Obstacle.SWITCHED_OFF: gettext_lazy("This is not offered at the moment."),
    Obstacle.FEATURE_MISSING: gettext_lazy("This is not offered any more: a feature that it needs is missing."),
    Obstacle.DOMAIN_MISSING: gettext_lazy(
        "This needs your website's address, which we do not have yet. Ask us to add it."
    ),
}


def find_obstacle(entry_point: EntryPoint, business: Business, arm: bool) -> Obstacle | None:
    """What keeps this business, in this arm of the rollout, from starting here."""
    if not entry_point.is_active:
        return Obstacle.SWITCHED_OFF
    offered = entry_point.meta_app.features
    if entry_point.intent and missing_features(entry_point.vertical, entry_point.intent, offered):
        return Obstacle.FEATURE_MISSING
    if not business.domain and (uses_domain(entry_point.cta_defaults) or entry_point.needs_domain(arm)):
        return Obstacle.DOMAIN_MISSING
    return None


def obstacle(entry_point: EntryPoint, business: Business, arm: bool) -> str:
    """Why this business, in this arm of the rollout, cannot start here, in the merchant's words; empty when it can."""
    found = find_obstacle(entry_point, business, arm)
    if found == Obstacle.DOMAIN_MISSING and (features := ", ".join(needing_website(entry_point, arm))):
        text = gettext(
            "This needs your website's address for %(features)s, and we do not have it yet. Ask us to add it."
        )
        return text % {"features": features}
    return str(_WORDS[found]) if found else ""


def card_of(
    entry_point: EntryPoint, business: Business, connection: Connection, arm: bool, shared: Shared | None = None
) -> Card:
    """Describe an entry point to a business with this connection on its app, in this arm of its rollout.

    `shared` is what the business has at Meta, to be told where another vertical brought it there.
    """
    language = get_language() or "en"
    use_cases = tuple(_use_cases(entry_point, connection, language))
    left = tuple(each for each in use_cases if not each.is_used)
    stage = _stage(connection, is_all_used=bool(use_cases) and not left)
    vertical = VERTICALS[entry_point.vertical].label.in_language(language)
    own_words = use_cases[0].title if entry_point.intent else vertical
    return Card(
        slug=entry_point.slug,
        title=entry_point.label or own_words,
        vertical=vertical,
        is_menu=not entry_point.intent,
        has_feature_menu=arm,
        use_cases=left if stage == Stage.MORE else use_cases,
        obstacle=obstacle(entry_point, business, arm),
        stage=stage,
        has_used=stage == Stage.MORE and len(left) < len(use_cases),
        shared=shared if shared and shared.is_news_to(entry_point.vertical) else None,
    )


def _stage(connection: Connection, *, is_all_used: bool) -> Stage:
    if connection.state != Installation.State.CONNECTED:
        return Stage.OFFER
    return Stage.USED if is_all_used else Stage.MORE


def _use_cases(entry_point: EntryPoint, connection: Connection, language: str) -> Iterable[UseCase]:
    """The one use case of an intent; without an intent the vertical's menu."""
    on, installed, offered = connection.feature_types, connection.installed_types, entry_point.meta_app.features
    vertical = VERTICALS[entry_point.vertical]
    for item in _items(entry_point):
        yield UseCase(
            title=item.intent.use_case.in_language(language),
            description=item.intent.description.in_language(language),
            features=tuple(_offered(name, name in item.intent.optional, on) for name in item.features),
            is_on=item.intent.is_satisfied_by(on),
            is_used=not missing_of(vertical, item.intent, offered, installed),
        )
    names = [] if entry_point.intent else [name for name in vertical.unverified_features if name in offered]
    if names:
        features = tuple(_offered(name, False, on) for name in names)
        is_used = not missing_of(vertical, None, offered, installed)
        yield UseCase("", "", features, is_on=all(feature.is_on for feature in features), is_used=is_used)


def _items(entry_point: EntryPoint) -> list[MenuItem]:
    offered = entry_point.meta_app.features
    if not entry_point.intent:
        return menu(entry_point.vertical, offered)
    intent = INTENTS[entry_point.vertical, entry_point.intent]
    optional = tuple(name for name in intent.optional if name in offered)
    return [MenuItem(intent, intent.required + optional)]


def _offered(name: str, is_optional: bool, installed: Collection[str]) -> OfferedFeature:
    return OfferedFeature(feature_label(name), is_optional, name in installed)
