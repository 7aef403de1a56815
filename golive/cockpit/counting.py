"""How far the businesses of a Meta app are on their way from v2 to v3."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from features.models import AccessToken, Feature, Installation, MbeVersion
from mbe.versions import end_of

# Days before the end of a version from which the page warns.
SOON = 180
LATE = 60


class Group(models.TextChoices):
    """Where a business stands; each installation of an app is in exactly one group."""

    V2 = "v2", _("v2")
    V3 = "v3", _("v3")
    MIXED = "mixed", _("mixed")
    RECONNECT = "reconnect", _("reconnect needed")
    NEVER_SYNCED = "never_synced", _("never synced")
    NOT_FINISHED = "not_finished", _("dialog not finished")
    DISCONNECTED = "disconnected", _("disconnected")

    @property
    def tone(self) -> str:
        """The colour of its pill."""
        return _TONES[self]


_TONES: dict[Group, str] = {
    Group.V2: "warning",
    Group.V3: "good",
    Group.MIXED: "warning",
    Group.RECONNECT: "bad",
    Group.NEVER_SYNCED: "plain",
    Group.NOT_FINISHED: "plain",
    Group.DISCONNECTED: "plain",
}

_STATE = Installation.State
_IN_USE = ~Q(state__in=(_STATE.RECONNECT, _STATE.DISCONNECTED))
_IS_V3 = _IN_USE & Q(mbe_version=MbeVersion.V3)
# Who starts at Meta and does not come back leaves neither a token nor anything to ask Meta for.
_IS_BARE = Q(synced_at=None, has_token=False)
_CONDITIONS: dict[Group, Q] = {
    Group.V2: _IN_USE & Q(mbe_version=MbeVersion.V2),
    Group.V3: _IS_V3 & Q(is_mixed=False),
    Group.MIXED: _IS_V3 & Q(is_mixed=True),
    Group.RECONNECT: Q(state=_STATE.RECONNECT),
    Group.NEVER_SYNCED: _IN_USE & Q(mbe_version="") & ~_IS_BARE,
    Group.NOT_FINISHED: _IN_USE & Q(mbe_version="") & _IS_BARE,
    Group.DISCONNECTED: Q(state=_STATE.DISCONNECTED),
}


@dataclass(frozen=True)
class End:
    """When a Graph version ends, and v2 with it; `days` is negative afterwards, None where no day is known."""

    version: str
    ends_on: date | None
    days: int | None

    @property
    def tone(self) -> str:
        """The colour of its pill: bad from 60 days before the end, warning from 180 days before."""
        if self.days is None:
            return "plain"
        return "bad" if self.days < LATE else "warning" if self.days < SOON else "good"


def end_seen_from(version: str, today: date) -> End:
    """When the version ends, seen from `today`."""
    ends_on = end_of(version)
    return End(version, ends_on, (ends_on - today).days if ends_on else None)


def numbers(installations: QuerySet[Installation]) -> dict[int, dict[Group, int]]:
    """For each Meta app among the installations (by its key), how many are in each group; one statement.

    An app without installations is not in the answer.
    """
    counts = {group.value: Count("pk", filter=condition) for group, condition in _CONDITIONS.items()}
    rows = (
        _told_apart(installations).order_by().values("meta_app_id").annotate(**{f"n_{k}": v for k, v in counts.items()})
    )
    return {row["meta_app_id"]: _of(dict(row)) for row in rows}


def in_group(installations: QuerySet[Installation], group: Group) -> QuerySet[Installation]:
    """Only the installations in the group."""
    return _told_apart(installations).filter(_CONDITIONS[group])


def _of(row: Mapping[str, Any]) -> dict[Group, int]:
    return {group: row[f"n_{group.value}"] for group in Group}


def _told_apart(installations: QuerySet[Installation]) -> QuerySet[Installation]:
    implied = Feature.objects.filter(installation=OuterRef("pk"), is_implied=True, removed_at=None)
    tokens = AccessToken.objects.filter(installation=OuterRef("pk"))
    return installations.alias(is_mixed=Exists(implied), has_token=Exists(tokens))
