"""A merchant opens a launch link: finding it, and all that its page shows."""

from dataclasses import dataclass

from features.models import Installation
from onboarding.arms import arms_of
from onboarding.cards import Card, Stage, card_of, entry_points_of
from onboarding.connections import Connection, connection_of
from onboarding.models import LaunchLink, fingerprint
from onboarding.sharing import first_verticals, shared_of
from onboarding.trials import hidden_from
from partners.models import MetaApp
from partners.tenancy import platform, tenant

_ORDER = (Stage.MORE, Stage.OFFER, Stage.USED)


@dataclass(frozen=True)
class LaunchPage:
    """The page of one business: its connections, one for each Meta app, and its buttons."""

    partner_name: str
    business_name: str
    external_business_id: str
    connections: tuple[Connection, ...]
    cards: tuple[Card, ...]

    @property
    def has_several_apps(self) -> bool:
        """Whether the connections must be told apart."""
        return len(self.connections) > 1

    @property
    def sections(self) -> list[tuple[Stage, list[Card]]]:
        """The buttons, sorted: what there is more to turn on (perhaps nothing) comes first for a connected business."""
        is_connected = any(each.state == Installation.State.CONNECTED for each in self.connections)
        found = [(stage, [card for card in self.cards if card.stage == stage]) for stage in _ORDER]
        empty = Stage.MORE if is_connected and self.cards else None if self.cards else Stage.OFFER
        return [(stage, cards) for stage, cards in found if cards or stage == empty]


def find_link(token: str) -> LaunchLink | None:
    """The link of this token, usable or not, with its partner and business; None when there is none."""
    with platform():
        found = LaunchLink.objects.filter(token_hash=fingerprint(token)).values_list("pk", "partner_id").first()
    if found is None:
        return None
    with tenant(found[1]):
        return LaunchLink.objects.select_related("partner", "business").get(pk=found[0])


def launch_page(link: LaunchLink, meta_app: MetaApp | None = None) -> LaunchPage:
    """Gather the page of a link; with `meta_app` only what is that app's."""
    with tenant(link.partner_id):
        entry_points = entry_points_of(link, meta_app.app_id if meta_app else None)
        installations = {
            each.meta_app_id: each
            for each in Installation.objects.filter(business_id=link.business_id).select_related("meta_app", "business")
            if meta_app in (None, each.meta_app)
        }
        # Somebody clicked a test app's button once: that is not the merchant's connection.
        hidden = set() if meta_app else hidden_from(link.business) - {each.meta_app_id for each in entry_points}
        installations = {key: each for key, each in installations.items() if key not in hidden}
        apps = {each.meta_app_id: each.meta_app for each in entry_points}
        apps |= {meta_app.pk: meta_app} if meta_app else {}
        apps |= {key: each.meta_app for key, each in installations.items()}
        connections = {key: connection_of(app, installations.get(key)) for key, app in sorted(apps.items())}
        used = first_verticals(link.business_id)
        shared = {key: shared_of(each, used.get(key, ())) for key, each in installations.items()}
        arms = arms_of(entry_points, link.business)
        cards = [
            card_of(each, link.business, connections[app], arms[each.pk], shared.get(app))
            for each in entry_points
            for app in [each.meta_app_id]
        ]
    return LaunchPage(
        partner_name=link.partner.name,
        business_name=link.business.name,
        external_business_id=link.business.external_business_id,
        connections=tuple(connections.values()),
        cards=tuple(cards),
    )
