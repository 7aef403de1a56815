"""More to turn on, for staff: the list on a business's page in the admin."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language

from features.models import Feature, Installation
from mbe.catalog import VERTICALS
from onboarding.arms import arms_of
from onboarding.cards import obstacle
from onboarding.connections import feature_label
from onboarding.models import EntryPoint
from onboarding.more import More, more_to_turn_on
from partners.models import Business, MetaApp


@dataclass(frozen=True)
class MoreLine:
    """A use case that the business does not use yet, in the reader's words.

    `entry_point` starts it, unless there is an `obstacle`, in the merchant's words; without one `add_url` leads to the
    form that makes it, filled in.
    """

    vertical: str
    intent: str
    use_case: str
    brings: tuple[str, ...]
    entry_point: EntryPoint | None
    obstacle: str
    add_url: str


@dataclass(frozen=True)
class MoreOfApp:
    """What a business can still turn on with one Meta app."""

    app_name: str
    lines: tuple[MoreLine, ...]


def more_of(business: Business) -> list[MoreOfApp]:
    """What there is more to turn on, for each app that the business is connected with; with four statements."""
    installations = Installation.objects.filter(business=business, state=Installation.State.CONNECTED)
    connected = list(installations.select_related("meta_app").order_by("pk"))
    if not connected:
        return []
    types: dict[int, set[str]] = defaultdict(set)
    living = Feature.objects.filter(installation__in=connected, removed_at=None)
    for installation_id, feature_type in living.values_list("installation_id", "feature_type"):
        types[installation_id].add(feature_type)
    entry_points = list(
        EntryPoint.objects.filter(partner_id=business.partner_id, is_active=True)
        .select_related("meta_app")
        .order_by("pk")
    )
    arms = arms_of(entry_points, business)
    return [_of_app(business, each.meta_app, types[each.pk], entry_points, arms) for each in connected]


def _of_app(
    business: Business,
    meta_app: MetaApp,
    installed: set[str],
    entry_points: list[EntryPoint],
    arms: Mapping[int, bool],
) -> MoreOfApp:
    """A business that names no vertical is in all of them: then those count for which the app has a button."""
    of_app = [each for each in entry_points if each.meta_app_id == meta_app.pk]
    verticals = dict.fromkeys(business.verticals or [each.vertical for each in of_app] or VERTICALS)
    found = more_to_turn_on(verticals, meta_app, installed, of_app)
    return MoreOfApp(meta_app.name, tuple(_line(each, business, meta_app, arms) for each in found))


def _line(more: More, business: Business, meta_app: MetaApp, arms: Mapping[int, bool]) -> MoreLine:
    language = get_language() or "en"
    words = more.intent or more.vertical
    intent = more.intent.name if more.intent else ""
    starter = more.entry_point
    wanted = {"meta_app": meta_app.pk, "vertical": more.vertical.name, "intent": intent}
    return MoreLine(
        vertical=more.vertical.label.in_language(language),
        intent=intent,
        use_case=words.use_case.in_language(language),
        brings=tuple(map(feature_label, more.brings)),
        entry_point=starter,
        obstacle=obstacle(starter, business, arms[starter.pk]) if starter else "",
        add_url=f"{reverse('admin:onboarding_entrypoint_add')}?{urlencode(wanted)}",
    )
