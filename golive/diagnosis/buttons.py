"""The buttons of one Meta app that could connect a business with it: which fits best, or what is in the way of all."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from golive.diagnosis.case import Case
from golive.diagnosis.findings import Finding, Remedy, broken
from golive.diagnosis.remedies import (
    another_link,
    app_page,
    business_page,
    entry_point_page,
    link_for,
    new_entry_point,
)
from mbe.catalog import CHANNELS, VERTICALS, missing_features
from mbe.v2 import intents_for_channel
from onboarding.cards import Obstacle, find_obstacle
from onboarding.checks import entry_point_problems
from onboarding.likeliest import Rank, rank
from onboarding.models import EntryPoint
from onboarding.websites import needing_website
from partners.models import Business, MetaApp

# A domain is entered for the business alone; a feature is Meta's to give; a button was switched off on purpose.
_EASIEST_FIRST = (Obstacle.DOMAIN_MISSING, Obstacle.FEATURE_MISSING, Obstacle.SWITCHED_OFF)


@dataclass(frozen=True)
class Buttons:
    """The app's `entry_points` in question, and the arm that the business is in at each (by their keys).

    `came_by` is the key of the one that brought its newest token, None where none did; `channel` its v2 channel.
    `known` is shared by the businesses of one app, of which thousands are alike.
    """

    app: MetaApp
    business: Business
    entry_points: Sequence[EntryPoint]
    arms: Mapping[int, bool]
    came_by: int | None
    channel: str
    known: dict[Hashable, list[EntryPoint]] = field(default_factory=dict)

    @cached_property
    def fitting(self) -> list[EntryPoint]:
        """Those that the business can press, the likeliest first."""
        alike = (bool(self.business.domain), self.came_by, self.channel, *self.arms.items())
        if alike not in self.known:
            open_ones = (each for each, obstacle in self._obstacles if obstacle is None)
            self.known[alike] = sorted(open_ones, key=self._rank)
        return self.known[alike]

    @cached_property
    def closed(self) -> Finding | None:
        """Why the business can press none, by the one that takes the least to open; None where it can."""
        if self.fitting:
            return None
        if self._obstacles:
            return self._obstructed(*min(self._obstacles, key=self._effort))
        helps = [*self._new_entry_point(), *business_page(self.business, _("The business's verticals"))]
        channel = _("v2 channel: %(channel)s") % {"channel": self.channel} if self.channel else ""
        text = _("No button of this app is for a vertical of the business.")
        return broken(text, self._verticals(), channel, helps=helps)

    @cached_property
    def _obstacles(self) -> list[tuple[EntryPoint, Obstacle | None]]:
        return [(each, find_obstacle(each, self.business, self.arms[each.pk])) for each in self.entry_points]

    def _effort(self, found: tuple[EntryPoint, Obstacle | None]) -> tuple[int, Rank]:
        entry_point, obstacle = found
        return (_EASIEST_FIRST.index(obstacle) if obstacle else 0), self._rank(entry_point)

    def _rank(self, entry_point: EntryPoint) -> Rank:
        return rank(entry_point, self.came_by, self.channel)

    def _obstructed(self, entry_point: EntryPoint, obstacle: Obstacle | None) -> Finding:
        name: dict[str, object] = {"name": entry_point}
        if obstacle == Obstacle.SWITCHED_OFF:
            return broken(_("The button “%(name)s” is switched off.") % name, helps=entry_point_page(entry_point))
        if obstacle == Obstacle.DOMAIN_MISSING:
            return broken(self._without_domain(entry_point), helps=business_page(self.business, _("Add the domain")))
        missing = missing_features(entry_point.vertical, entry_point.intent, self.app.features)
        text = _("The button “%(name)s” needs features that the app does not offer: %(features)s.")
        helps = [*app_page(self.app), *entry_point_page(entry_point)]
        return broken(text % (name | {"features": ", ".join(missing)}), helps=helps)

    def _without_domain(self, entry_point: EntryPoint) -> str:
        features = ", ".join(needing_website(entry_point, self.arms[entry_point.pk]))
        if not features:
            text = _("The button “%(name)s” needs the business's website, and the business has no domain.")
            return text % {"name": entry_point}
        text = _("The button “%(name)s” needs the business's website for %(features)s; the business has no domain.")
        return text % {"name": entry_point, "features": features}

    def _verticals(self) -> str:
        """Name the business's verticals, as evidence; one that names none is in all."""
        language = get_language() or "en"
        names = [VERTICALS[each].label.in_language(language) for each in self.business.verticals if each in VERTICALS]
        return _("Verticals: %(verticals)s") % {"verticals": ", ".join(names)} if names else ""

    def _new_entry_point(self) -> list[Remedy]:
        """Lead to the form, filled in as far as the business's verticals and its channel say what it should be."""
        offered = [
            (vertical, intent)
            for vertical in self.business.verticals or VERTICALS
            for intent in (intents_for_channel(vertical, self.channel) if self.channel else ())
            if not entry_point_problems(vertical, intent, self.app)
        ]
        vertical, intent = offered[0] if offered else ("".join(self.business.verticals[:1]), "")
        channel = self.channel if self.channel in CHANNELS else ""
        return new_entry_point(self.app, vertical=vertical, intent=intent, channel=channel)


def buttons_of(case: Case, entry_points: Sequence[EntryPoint]) -> Buttons:
    """These entry points of the case's app, for its business."""
    row = case.installation
    return Buttons(
        app=case.app,
        business=case.business,
        entry_points=entry_points,
        arms={each.pk: case.has_menu(each) for each in entry_points},
        came_by=case.succeeded.entry_point_id if case.succeeded else None,
        channel=row.channel if row else "",
    )


def for_new_link(case: Case) -> Buttons:
    """Those that a new launch link could open."""
    return buttons_of(case, [each for each in case.entry_points if case.business.serves(each.vertical)])


def new_link(case: Case) -> list[Remedy]:
    """Make a launch link for the likeliest button and show it once, or choose another; where none fits, what helps."""
    buttons = for_new_link(case)
    if buttons.closed is not None:
        return list(buttons.closed.remedies)
    first, *others = buttons.fitting
    return [*link_for(case.business, first), *(another_link(case.business, others[0]) if others else [])]
