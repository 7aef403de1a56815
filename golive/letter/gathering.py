"""What the letter tells, read from what is configured: the app, its counterparts, their menus, their people."""

from dataclasses import dataclass

from django.conf import settings

from golive.letter.models import Tester
from golive.menus.offers import Offer, active_entry_points, offers_of
from golive.readiness.registry import ways_in
from partners.models import MetaApp
from partners.tenancy import tenant


@dataclass(frozen=True)
class AppFacts:
    """One Meta app of the letter; `ways_in` are those that merchants use or shall use."""

    app: MetaApp
    ways_in: tuple[str, ...]
    offers: tuple[Offer, ...]
    people: tuple[Tester, ...]

    @property
    def testers(self) -> list[Tester]:
        """The partner's own people."""
        return [each for each in self.people if not each.is_representative]

    @property
    def representatives(self) -> list[Tester]:
        """Meta's people with a role on the app."""
        return [each for each in self.people if each.is_representative]


@dataclass(frozen=True)
class Facts:
    """All that the letter about an app is made of: test apps before live ones."""

    app: MetaApp
    apps: tuple[AppFacts, ...]
    is_reachable: bool

    @property
    def test_apps(self) -> list[AppFacts]:
        """Those for testers."""
        return [each for each in self.apps if each.app.is_test]

    @property
    def live_apps(self) -> list[AppFacts]:
        """Those for the partner's customers."""
        return [each for each in self.apps if not each.app.is_test]


def gather(app: MetaApp) -> Facts:
    """Read what is configured now: the app itself, and the partner's apps of the other kind (test or live)."""
    with tenant(app.partner_id):
        others = MetaApp.objects.filter(partner=app.partner_id).exclude(is_test=app.is_test).order_by("pk")
        apps = sorted([app, *others], key=lambda each: not each.is_test)
        facts = tuple(_facts(each) for each in apps)
    return Facts(app, facts, settings.PUBLIC_URL.startswith("https://"))


def _facts(app: MetaApp) -> AppFacts:
    people = Tester.objects.filter(partner=app.partner_id, meta_app=app).order_by("pk")
    return AppFacts(app, ways_in(app), tuple(offers_of(app, active_entry_points(app))), tuple(people))
