"""Activations that wait for a permission: a newer token may bring it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from features.activation.asking import make_due
from features.activation.models import Activation
from features.activation.outcomes import PERMISSION
from features.activation.wake import workers
from features.models import Cause

_STEPS = (PERMISSION, "permissions_missing")
_LACKS = Q(*(("steps__contains", [{"step": step}]) for step in _STEPS), _connector=Q.OR)


def lacking_a_permission(installation_ids: Collection[int]) -> set[int]:
    """Which of these installations have a feature that waits for a permission; call it inside `tenant`."""
    return set(_waiting(installation_ids).values_list("installation_id", flat=True))


def look_for_permissions_again(causes: Mapping[int, Cause]) -> None:
    """Look once more at what waits for a permission at these installations, each with its cause; inside `tenant`."""
    # Locked in one order, so that nobody waits for each other.
    waiting = list(_waiting(causes).order_by("pk").select_for_update().values_list("pk", "installation_id"))
    for cause in set(causes.values()):
        make_due([pk for pk, installation_id in waiting if causes[installation_id] == cause], cause)
    if waiting:
        transaction.on_commit(workers.wake)


def look_where_granted(granted: Mapping[int, Collection[str]], causes: Mapping[int, Cause]) -> None:
    """Look once more where what is waited for is among what was granted, by installation; inside `tenant`."""
    rows = _waiting(granted).values_list("installation_id", "steps")
    ready = {pk for pk, steps in rows if _missing(steps) & set(granted[pk])}
    look_for_permissions_again({pk: causes[pk] for pk in ready})


def _missing(steps: Sequence[dict[str, Any]]) -> set[str]:
    """The permissions that these steps name as missing."""
    facts = [each.get("facts", {}) for each in steps if each["step"] in _STEPS]
    return {scope for each in facts for scope in (*each.get("scopes", ()), *each.get("permissions", ()))}


def _waiting(installation_ids: Collection[int]) -> QuerySet[Activation]:
    rows = Activation.objects.filter(_LACKS, installation__in=list(installation_ids))
    return rows.exclude(state=Activation.State.ENDED)
