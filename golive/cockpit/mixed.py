"""The businesses of an app that are mixed: what Meta does not list of them, and its end by staff."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from features.implied.giving_up import standing
from features.implied.models import Reason
from features.models import Feature, Installation
from golive.cockpit.counting import Group, in_group
from golive.cockpit.parities import Line, lines
from partners.models import MetaApp


@dataclass(frozen=True)
class Unlisted:
    """An implied feature that Meta does not list: its key, and what is said of it."""

    key: int
    line: Line


def unlisted(app: MetaApp) -> QuerySet[Feature]:
    """The features that keep businesses of the app mixed."""
    return standing().filter(installation__in=in_group(Installation.objects.filter(meta_app=app), Group.MIXED))


def unlisted_by_business(app: MetaApp, rows: Iterable[Installation]) -> dict[int, list[Unlisted]]:
    """For each of the installations, by its key, the features that keep it mixed."""
    found: dict[int, list[Unlisted]] = {}
    for each in unlisted(app).filter(installation__in=[row.pk for row in rows]).order_by("pk"):
        found.setdefault(each.installation_id, []).append(Unlisted(each.pk, said_of(each)))
    return found


def unlisted_types(app: MetaApp) -> list[tuple[str, str, int]]:
    """Each type that keeps businesses mixed, its name for the reader, and of how many features; the most first."""
    counted = unlisted(app).order_by().values("feature_type").annotate(number=Count("pk"))
    rows = sorted(counted, key=lambda each: (-each["number"], each["feature_type"]))
    return [(each["feature_type"], lines([dict(each)])[0].name, each["number"]) for each in rows]


def said_of(feature: Feature) -> Line:
    """The feature in the reader's words; one that Meta lists with other assets does not stand, so the reason is one."""
    facts = {
        "feature_type": feature.feature_type,
        "assets": feature.connected_assets,
        "reason": Reason.NOT_LISTED.value,
    }
    return lines([facts])[0]
