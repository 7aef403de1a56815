"""How an app stands: its checks and the confirmations of its menus, and what is left until it may go live."""

from dataclasses import dataclass
from operator import attrgetter

from golive.menus.states import Standing as MenuStanding
from golive.menus.states import standings as menu_standings
from golive.readiness.freshness import is_good, is_of_sandbox, is_overdue
from golive.readiness.models import Check
from golive.readiness.registry import CheckKind, applying
from partners.models import MetaApp
from partners.tenancy import tenant


@dataclass(frozen=True)
class Standing:
    """The checks of an app in their order, one never made among them, and its menus."""

    app: MetaApp
    checks: tuple[Check, ...]
    menus: tuple[MenuStanding, ...]

    @property
    def left(self) -> int:
        """How many are not good, or no longer known to be; an app without entry points lacks its menus as a whole."""
        checks = sum(not is_good(each) for each in self.checks)
        return checks + (sum(not each.state.is_green for each in self.menus) if self.menus else 1)

    @property
    def doubtful(self) -> int:
        """How many checks could not be made again."""
        return sum(bool(each.problem) for each in self.checks)

    @property
    def is_of_sandbox(self) -> bool:
        """Whether the callback is one that only the sandbox on this machine can call."""
        return any(map(is_of_sandbox, self.checks))

    @property
    def overdue(self) -> Check | None:
        """The check that nobody has made for the longest time, where that is too long."""
        return min(filter(is_overdue, self.checks), key=attrgetter("checked_at"), default=None)

    @property
    def being_made(self) -> list[Check]:
        """The checks that somebody asked for and no worker has made since."""
        return [each for each in self.checks if each.asked_at is not None]


def standing_of(app: MetaApp) -> Standing:
    """Read how the app stands now."""
    kinds = applying(app)
    with tenant(app.partner_id):
        rows = {(each.key, each.subject): each for each in Check.objects.filter(meta_app=app)}
        checks = tuple(rows.get((kind.key, subject)) or _never_made(app, kind, subject) for kind, subject in kinds)
    return Standing(app, checks, tuple(menu_standings(app)))


def _never_made(app: MetaApp, kind: CheckKind, subject: str) -> Check:
    return Check(partner_id=app.partner_id, meta_app=app, key=kind.key, subject=subject)
