"""What an applied result means for activation: a new feature begins, a changed one is looked at, a gone one ends."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from features.activation.asking import activation_of, make_due
from features.activation.models import Activation
from features.activation.wake import workers
from features.applied import Applied
from features.models import Cause, Change, Feature
from mbe.catalog import FEATURE_TYPES

Kind, State = Change.Kind, Activation.State
_ABOUT_A_FEATURE = (Kind.INSTALLED, Kind.REMOVED, Kind.CHANGED, Kind.CONFIRMED)
_REVISED = ("assets", "confirmed_at", "confirmed_by", "not_before", "state", "state_at", "steps", "actor")


def follow(results: Sequence[Applied]) -> None:
    """Begin, revise and end activations; in the transaction of the results, whose installations are locked."""
    touched = {
        change.feature.pk: (change.feature, Cause(change.cause))
        for result in results
        for change in result.changes
        if change.feature is not None and _concerns(change.kind, change.feature)
    }
    # A new connection, or a login once more, may bring permissions that were missing.
    anew = {result.installation.pk: result.cause for result in results if _is_connection_new(result)}
    if not touched and not anew:
        return
    rows = _locked(touched, anew)
    known = {row.feature_id for row in rows}
    begun = _begin((feature, cause) for key, (feature, cause) in touched.items() if key not in known)
    by_cause: dict[Cause, list[int]] = {}
    revised = []
    for row in rows:
        feature, cause = touched.get(row.feature_id) or (row.feature, anew[row.installation_id])
        by_cause.setdefault(cause, []).append(row.pk)
        if _revise(row, feature):
            revised.append(row)
    if revised:
        Activation.objects.bulk_update(revised, _REVISED)
    for cause, ids in by_cause.items():
        make_due(ids, cause)
    if begun or rows:
        transaction.on_commit(workers.wake)


def _concerns(kind: str, feature: Feature) -> bool:
    if feature.is_implied:
        return False
    if kind == Kind.CONFIGURED:
        known = FEATURE_TYPES.get(feature.feature_type)
        return known is not None and known.is_customizable
    return kind in _ABOUT_A_FEATURE


def _is_connection_new(result: Applied) -> bool:
    return result.cause == Cause.RETURN or any(change.kind == Kind.CONNECTED for change in result.changes)


def _locked(features: Iterable[int], installations: Iterable[int]) -> list[Activation]:
    """The activations of these features, and the living ones of these installations, locked in one order."""
    theirs = Q(feature__in=list(features)) | Q(~Q(state=State.ENDED), installation__in=list(installations))
    return list(
        Activation.objects.filter(theirs).select_related("feature").order_by("pk").select_for_update(of=("self",))
    )


def _begin(features: Iterable[tuple[Feature, Cause]]) -> bool:
    new = [activation_of(feature, cause) for feature, cause in features if feature.removed_at is None]
    Activation.objects.bulk_create(new, ignore_conflicts=True)
    return bool(new)


def _revise(row: Activation, feature: Feature) -> bool:
    """What was seen, and what people said, holds for the same assets only; whether that changed anything."""
    if feature.removed_at is not None:
        return False
    is_back, is_other = row.state == State.ENDED, row.assets != feature.connected_assets
    if is_back:
        row.state, row.state_at, row.steps, row.actor = State.PENDING, timezone.now(), [], ""
    if is_other:
        row.assets = feature.connected_assets
        row.confirmed_by, row.confirmed_at, row.not_before = "", None, None
    return is_back or is_other
