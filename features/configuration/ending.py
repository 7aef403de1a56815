"""Writing what came of a trip to Meta: the pushes' ends, how Meta compares now, and what Meta was seen to have."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from features.activation.asking import ask as look_at_activations
from features.claims import pause
from features.configuration.models import Push, Wanted
from features.configuration.observed import observed
from features.configuration.standing import after_dropping, set_status, wanted_of
from features.configuration.trips import End, Trip, reason_of, words
from features.failures import retry_seconds
from features.hints import mark_dirty
from features.models import Cause, Change, Feature, Installation
from features.wake import workers as sync_workers
from mbe.customizing import differences
from mbe.errors import GraphError, RateLimited
from partners.tenancy import tenant

logger = logging.getLogger(__name__)

State = Push.State
ENDED_AS = {
    State.REFUSED: Wanted.Status.REFUSED,
    State.DIFFERS: Wanted.Status.DIFFERS,
    State.MOVED: Wanted.Status.DRIFT,
}


def settle(trip: Trip, error: GraphError | None = None, *, is_without_token: bool = False) -> None:
    """Write down what came of it, as far as the pushes are still this worker's.

    What has no end waits for the next try, if `error` can pass; otherwise, and where no token is left, it ends.
    """
    if isinstance(error, RateLimited) and error.scope == "app":
        pause(trip.claim.installation.meta_app, error.wait_seconds)
    is_over = is_without_token or (error is not None and not error.is_retryable)
    if is_over:
        _end_the_rest(trip, error, is_without_token=is_without_token)
    with tenant(trip.claim.installation.partner_id):
        installation = Installation.objects.select_for_update().get(pk=trip.claim.installation.pk)
        mine = list(trip.claim.held().select_related("feature__wanted"))
        if not mine:
            return
        is_observed = _write_observed(trip, installation, [push.feature for push in mine])
        _write_ends(trip, mine, error)
        look_at_activations([push.feature for push in mine if not push.is_open], Cause.PUSH)
        is_asked = any(end.reason == Push.Reason.NOT_NAMED for end in trip.ends.values())
        if is_over or is_asked or not is_observed:
            mark_dirty(Installation.objects.filter(pk=installation.pk), Cause.PUSH)
            transaction.on_commit(sync_workers.wake)
    if error is not None:
        logger.warning("push of installation %s failed: %s", trip.claim.installation.pk, error)


def _end_the_rest(trip: Trip, error: GraphError | None, *, is_without_token: bool) -> None:
    reason = Push.Reason.NO_TOKEN if is_without_token else reason_of(error)
    for push in trip.claim.pushes:
        if push.pk in trip.posted:
            # Meta took it; what has become of it nobody can see now.
            trip.ends.setdefault(push.pk, End(State.DIFFERS, reason=Push.Reason.UNREAD, detail=words(error)))
        else:
            trip.ends.setdefault(push.pk, End(State.REFUSED, reason=reason, detail=words(error)))


def _write_observed(trip: Trip, installation: Installation, features: Iterable[Feature]) -> bool:
    """Write what was read, unless a sync has been applied since it was; False when a sync must look."""
    if trip.entries is None:
        return True
    if installation.applied_generation != trip.generation:
        return False
    lines = [line for feature in features if (line := _observe(feature, trip)) is not None]
    if lines:
        Feature.objects.bulk_update(_features(lines), ["is_enabled", "configuration"])
        _log(lines, installation)
    if lines or trip.posted:
        # A sync that has read before this leaves the configuration as it is.
        Installation.objects.filter(pk=installation.pk).update(
            configuration_generation=F("configuration_generation") + 1
        )
    return True


def _observe(feature: Feature, trip: Trip) -> Change | None:
    entry = (trip.entries or {}).get(feature.feature_instance_id)
    if entry is None:
        return None
    after = {"is_enabled": entry.enabled, "configuration": entry.settings}
    before: dict[str, Any] = {name: getattr(feature, name) for name in after}
    changed = [name for name in after if before[name] != after[name]]
    if not changed:
        return None
    feature.is_enabled, feature.configuration = entry.enabled, entry.settings
    was, now = ({name: side[name] for name in changed} for side in (before, after))
    return Change(feature=feature, kind=Change.Kind.CONFIGURED, cause=Cause.PUSH, before=was, after=now)


def _features(lines: Iterable[Change]) -> list[Feature]:
    return [line.feature for line in lines if line.feature is not None]


def _log(lines: Iterable[Change], installation: Installation) -> None:
    for line in lines:
        line.partner_id, line.installation = installation.partner_id, installation
        line.generation = installation.applied_generation
    Change.objects.bulk_create(lines)


def _write_ends(trip: Trip, mine: list[Push], error: GraphError | None) -> None:
    changed = []
    for push in mine:
        end = trip.ends.get(push.pk)
        if end is None:
            _wait(push, error, is_unsent=push.pk in trip.unsent)
            continue
        push.state, push.kept, push.reason, push.detail = end.state, end.kept, end.reason, end.detail
        push.ended_at, push.claimed_until, push.not_before = timezone.now(), None, None
        push.posted_at = None if push.pk in trip.unsent else push.posted_at
        wanted = wanted_of(push.feature)
        if wanted is not None and set_status(wanted, _otherwise(push, wanted)):
            changed.append(wanted)
    columns = ["state", "kept", "reason", "detail", "ended_at", "claimed_until", "not_before", "failures", "posted_at"]
    Push.objects.bulk_update(mine, columns)
    Wanted.objects.bulk_update(changed, ["status", "status_at"])


def _wait(push: Push, error: GraphError | None, *, is_unsent: bool) -> None:
    push.claimed_until, push.detail = None, words(error)
    push.not_before = None if error is None else _not_before(push, error)
    push.failures += 1
    if is_unsent:
        push.posted_at = None


def _not_before(push: Push, error: GraphError) -> Any:
    if not isinstance(error, RateLimited):
        return timezone.now() + timedelta(seconds=retry_seconds(push.failures))
    # The app's own pause holds every push of the app.
    return timezone.now() + timedelta(seconds=error.wait_seconds) if error.scope == "subject" else None


def _otherwise(push: Push, wanted: Wanted) -> Wanted.Status:
    """The word for what Meta has not, after this end of a push."""
    if wanted.values != push.wanted:
        return Wanted.Status.UNPUSHED
    if push.state == State.DROPPED:
        return after_dropping(push, wanted)
    if push.state == State.CONFIRMED:
        # A sync that read before the post may have been applied after it: it will be corrected by the next.
        is_old = not differences(push.based_on, observed(push.feature))
        return Wanted.Status.AS_WANTED if is_old else Wanted.Status.DRIFT
    return ENDED_AS[State(push.state)]
