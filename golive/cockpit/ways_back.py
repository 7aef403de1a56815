"""How businesses whose connection has to be made again come back to their Meta app: through a button of that app."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from features.models import Installation
from golive.diagnosis.buttons import Buttons
from golive.diagnosis.findings import Finding, Remedy
from onboarding.arms import is_within
from onboarding.likeliest import entry_points_come_by
from onboarding.models import ArmOverride, EntryPoint
from partners.models import MetaApp

_ARM = ("entry_point_id", "business_id", "use_minimal_onboarding")


@dataclass(frozen=True)
class Way:
    """The buttons of its app that a business could come back through; `closed` says what is in the way of all."""

    installation: Installation
    buttons: Buttons

    @property
    def closed(self) -> Finding | None:
        """Why no button fits, and what helps; None where one does."""
        return self.buttons.closed

    def through(self, wanted: int | None = None) -> EntryPoint:
        """The entry point with the key that is wanted, where it fits this business; else the likeliest."""
        fitting = self.buttons.fitting
        return next((each for each in fitting if each.pk == wanted), fitting[0])

    @property
    def likeliest(self) -> EntryPoint:
        """The entry point that is taken where nobody wants another."""
        return self.through()


@dataclass(frozen=True)
class Closed:
    """Businesses that cannot come back for the same reason: what helps all of them, and each with what helps it alone.

    What helps one alone is its own page; nobody can be led to the pages of all of them at once.
    """

    finding: Finding
    helps: tuple[Remedy, ...]
    rows: tuple[tuple[Installation, tuple[Remedy, ...]], ...]


def ways_back(app: MetaApp, installations: Sequence[Installation]) -> list[Way]:
    """The way of each of the app's installations, in their order; the number of statements is always the same."""
    businesses = [each.business_id for each in installations]
    entry_points = list(EntryPoint.objects.filter(meta_app=app).select_related("meta_app").order_by("pk"))
    arms = ArmOverride.objects.filter(entry_point__in=entry_points, business__in=businesses)
    chosen = {(pk, business): arm for pk, business, arm in arms.values_list(*_ARM)}
    came_by = entry_points_come_by(app, businesses)
    known: dict[Hashable, list[EntryPoint]] = {}
    return [
        Way(each, _buttons(app, each, entry_points, chosen, came_by.get(each.business_id), known))
        for each in installations
    ]


def closed_ways(ways: Iterable[Way]) -> list[Closed]:
    """Those that are closed, by what is in the way."""
    found: dict[tuple[str, ...], list[tuple[Way, Finding]]] = defaultdict(list)
    for way in ways:
        if way.closed is not None:
            shared = (each.button.url for each in way.closed.remedies if not _is_own(way, each))
            found[way.closed.text, *way.closed.seen, *shared].append((way, way.closed))
    return [_closed(each) for each in found.values()]


def _closed(found: Sequence[tuple[Way, Finding]]) -> Closed:
    first, finding = found[0]
    helps = tuple(each for each in finding.remedies if not _is_own(first, each))
    rows = ((way.installation, tuple(each for each in why.remedies if _is_own(way, each))) for way, why in found)
    return Closed(finding, helps, tuple(rows))


def _is_own(way: Way, remedy: Remedy) -> bool:
    return remedy.button.url == reverse("admin:partners_business_change", args=[way.installation.business_id])


def _buttons(
    app: MetaApp,
    installation: Installation,
    entry_points: Sequence[EntryPoint],
    chosen: dict[tuple[int, int], bool],
    came_by: int | None,
    known: dict[Hashable, list[EntryPoint]],
) -> Buttons:
    business = installation.business
    served = [each for each in entry_points if business.serves(each.vertical)]
    arms = {
        pk: chosen[pk, business.pk] if (pk, business.pk) in chosen else is_within(percent, pk, business.pk)
        for pk, percent in ((each.pk, each.minimal_onboarding_percent) for each in served)
    }
    return Buttons(app, business, served, arms, came_by, installation.channel, known)
