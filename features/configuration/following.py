"""What an applied result means for configuration: drift, defaults to push, pushes of what is gone."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from features.applied import Applied
from features.configuration.defaults import push_by_itself, want_defaults, when_installed
from features.configuration.models import Push, Wanted
from features.configuration.observed import ENABLED, is_customizable, observed
from features.configuration.standing import set_status, waiting_of
from features.models import Change, Feature
from mbe.customizing import comparable, differences

Kind = Change.Kind
Status = Wanted.Status


def follow(results: Sequence[Applied]) -> None:
    """Bring what is wanted and what is planned to what a sync has seen, in its transaction."""
    lines = [(feature, change) for each in results for feature, change in _about_customizable(each)]
    if removed := [feature for feature, change in lines if change.kind == Kind.REMOVED]:
        _end(removed)
    # One that came back is confirmed in the same breath.
    came = {feature.pk: feature for feature, change in lines if change.kind in (Kind.INSTALLED, Kind.CONFIRMED)}
    installed = list(came.values())
    configured = [(feature, change) for feature, change in lines if change.kind == Kind.CONFIGURED]
    if configured:
        _confirm_late({feature.pk: feature for feature, _change in configured})
    if installed or configured:
        _compare(installed, configured)


def _about_customizable(result: Applied) -> Iterable[tuple[Feature, Change]]:
    for change in result.changes:
        if change.feature is not None and is_customizable(change.feature):
            change.feature.installation = result.installation
            yield change.feature, change


def _end(removed: list[Feature]) -> None:
    ids = [each.pk for each in removed]
    Push.objects.filter(feature__in=ids, state__in=Push.OPEN).update(
        state=Push.State.DROPPED, reason=Push.Reason.REMOVED, ended_at=Now(), claimed_until=None
    )
    Wanted.objects.filter(feature__in=ids, status=Status.PUSHING).update(status=Status.UNPUSHED, status_at=Now())


def _confirm_late(features: dict[int, Feature]) -> None:
    """Confirm the last pushes to these of which Meta did not show at once what it had taken, and shows it now."""
    sent = Push.objects.filter(feature__in=features).exclude(posted_at=None)
    last = sent.order_by("feature", "-pk").distinct("feature")
    late = [each for each in last if each.state == Push.State.DIFFERS and _is_shown(each, features[each.feature_id])]
    for push in late:
        push.state, push.confirmed_later_at = Push.State.CONFIRMED, timezone.now()
        push.kept, push.reason, push.detail = push.wanted, "", ""
    if late:
        Push.objects.bulk_update(late, ["state", "confirmed_later_at", "kept", "reason", "detail"])


def _is_shown(push: Push, feature: Feature) -> bool:
    return not differences(push.wanted, observed(feature))


def _compare(installed: list[Feature], configured: list[tuple[Feature, Change]]) -> None:
    features = {each.pk: each for each in [*installed, *(feature for feature, _change in configured)]}
    wanted = {each.feature_id: each for each in Wanted.objects.filter(feature__in=features)}
    for each in wanted.values():
        each.feature = features[each.feature_id]
    was = {each.pk: each.status for each in wanted.values()}
    waiting = waiting_of(features.values()) if wanted else set()
    for feature, change in configured:
        if feature.pk in wanted:
            row = wanted[feature.pk]
            set_status(row, _standing(row, change), is_waiting=feature.pk in waiting)
    back = [wanted[each.pk] for each in installed if each.pk in wanted]
    for each in back:
        set_status(each, when_installed(each))
    push_by_itself(each for each in back if each.origin == Wanted.Origin.ENTRY_POINT)
    if news := [each for each in wanted.values() if each.status != was[each.pk]]:
        Wanted.objects.bulk_update(news, ["status", "status_at"])
    want_defaults(each for each in installed if each.pk not in wanted)


def _standing(wanted: Wanted, change: Change) -> Wanted.Status:
    """The word for what Meta has not, after Meta's configuration has changed."""
    before, after = _flat(change.before), _flat(change.after)
    is_touched = bool(differences({name: before.get(name) for name in wanted.values}, after))
    was_met = wanted.status in (Status.AS_WANTED, Status.PUSHING)
    return Status.DRIFT if is_touched or was_met else Status(wanted.status)


def _flat(side: dict[str, Any]) -> dict[str, Any]:
    """The columns of a history line as settings."""
    return {ENABLED: side.get("is_enabled"), **comparable(side.get("configuration") or {})}
