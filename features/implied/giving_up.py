"""What staff treat as gone: implied features that Meta does not list, though their assets are still shared."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from features.implied.models import Parity, Reason
from features.models import Cause, Change, Feature, Installation, MbeVersion
from features.reading import FACTS
from partners.audit.models import Action
from partners.audit.recording import By, record_all
from partners.tenancy import tenant

AT_ONCE = 500


def standing() -> QuerySet[Feature]:
    """Features that live on as implied though Meta lists what is there."""
    return Feature.objects.filter(is_implied=True, removed_at=None, installation__mbe_version=MbeVersion.V3)


def give_up(partner_id: int, keys: Sequence[int], by: By) -> int:
    """End those of the features that still stand implied, with their history; how many those were.

    Nothing is changed at Meta: one that it lists later goes on in its record. Each 500 are one transaction.
    """
    return sum(_give_up(partner_id, keys[start : start + AT_ONCE], by) for start in range(0, len(keys), AT_ONCE))


def _give_up(partner_id: int, keys: Collection[int], by: By) -> int:
    with tenant(partner_id):
        owners = list(Feature.objects.filter(pk__in=keys).values_list("installation", flat=True))
        # Locked in the order in which results are applied: a sync that goes on just now comes before or after.
        locked = {row.pk: row for row in _locked(owners)}
        rows = list(standing().filter(pk__in=keys, installation__in=locked).order_by("pk"))
        now = timezone.now()
        Feature.objects.filter(pk__in=[each.pk for each in rows]).update(removed_at=now)
        Change.objects.bulk_create(_change(each, locked[each.installation_id]) for each in rows)
        _say(rows)
        record_all(Action.CHANGED, rows, by=by, changes={"removed_at": [None, now]})
    return len(rows)


def _locked(keys: Collection[int]) -> QuerySet[Installation]:
    return Installation.objects.filter(pk__in=keys).order_by("pk").select_for_update()


def _change(row: Feature, installation: Installation) -> Change:
    return Change(
        partner_id=row.partner_id,
        installation=installation,
        feature=row,
        kind=Change.Kind.REMOVED,
        cause=Cause.STAFF,
        generation=installation.applied_generation,
        before={name: getattr(row, name) for name in FACTS},
    )


def _say(rows: Sequence[Feature]) -> None:
    """Let the comparisons name the reason by which the features are lost now."""
    about = [(each.installation_id, each.feature_type, each.connected_assets) for each in rows]
    parities = list(
        Parity.objects.filter(installation__in=[key for key, *_ in about]).order_by("pk").select_for_update()
    )
    for parity in parities:
        parity.lost = [_line(parity, line, about) for line in parity.lost]
    Parity.objects.bulk_update(parities, ["lost"])


def _line(parity: Parity, line: dict[str, Any], about: Collection[tuple[int, str, Any]]) -> dict[str, Any]:
    is_meant = (parity.installation_id, line["feature_type"], line["assets"]) in about
    return {**line, "reason": Reason.GIVEN_UP.value} if is_meant else line
