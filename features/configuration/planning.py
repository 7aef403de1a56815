"""Plans to bring Meta to what is wanted: made, shown, asked for, dropped. Call these inside `tenant`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from features.activation.asking import ask as look_at_activations
from features.configuration.models import LONGEST_NAME, Push, PushRun, Wanted
from features.configuration.observed import is_customizable, observed
from features.configuration.standing import (
    after_dropping,
    lock_installations,
    locked,
    set_status,
    waiting_of,
    wanted_of,
)
from features.configuration.wake import workers
from features.models import Cause, Feature
from mbe.customizing import differences as differing

State = Push.State


@dataclass(frozen=True)
class Line:
    """One setting that a push changes, by Meta's name for it; None stands for nothing."""

    name: str
    before: Any
    after: Any


def preview(features: Iterable[Feature], *, by: str = "") -> list[Push]:
    """What `plan` would make of these features (read with `wanted`), not saved; none where Meta has what is wanted."""
    return [push for feature in features if (push := _plan_of(feature, by)) is not None]


def plan(features: Iterable[Feature], *, by: str) -> list[Push]:
    """Plan a push for each living feature with settings of which Meta has something else than is wanted.

    A feature's older plan, if it was not asked for yet, is dropped.
    """
    rows = locked(features)
    older = Push.objects.filter(feature__in=[each.pk for each in rows], state=State.PLANNED)
    older.update(state=State.DROPPED, reason=Push.Reason.REPLACED, ended_at=timezone.now())
    return Push.objects.bulk_create(preview(rows, by=by))


def ask(pushes: Iterable[Push], *, run: PushRun | None = None) -> int:
    """Have planned pushes pushed as soon as a worker is free; how many.

    A plan of a feature that waits for another push already stays planned, as does one of a feature that is gone.
    """
    rows = list(_locked(pushes).filter(state=State.PLANNED, feature__removed_at=None))
    busy = waiting_of(each.feature for each in rows)
    ready = {each.feature_id: each for each in rows if each.feature_id not in busy}
    for push in ready.values():
        wanted = wanted_of(push.feature)
        push.state, push.asked_at, push.run = State.WAITING, timezone.now(), run or push.run
        push.status_before = wanted.status if wanted else ""
    Push.objects.bulk_update(ready.values(), ["state", "asked_at", "run", "status_before"])
    Wanted.objects.filter(feature__in=ready).update(status=Wanted.Status.PUSHING, status_at=Now())
    if ready:
        transaction.on_commit(workers.wake)
    return len(ready)


def plan_and_ask(features: Iterable[Feature], *, by: str, run: PushRun | None = None) -> list[Push]:
    """Plan and ask in one go, as part of a run; a plan of a feature that waits for another push already is dropped."""
    pushes = plan(features, by=by)
    mine = Push.objects.filter(pk__in=[each.pk for each in pushes])
    mine.update(run=run)
    ask(pushes, run=run)
    drop(mine.filter(state=State.PLANNED), Push.Reason.BUSY)
    return list(mine.select_related("feature").order_by("pk"))


def drop(pushes: Iterable[Push], reason: Push.Reason = Push.Reason.WITHDRAWN) -> int:
    """Let nothing come of pushes that no worker has in hand and nothing was sent of; how many."""
    nobody_has_it = Q(claimed_until=None) | Q(claimed_until__lt=Now())
    open_yet = Q(state=State.PLANNED) | Q(nobody_has_it, state=State.WAITING, posted_at=None)
    rows = list(_locked(pushes).filter(open_yet))
    changed = []
    for push in rows:
        wanted = wanted_of(push.feature)
        if wanted and push.state == State.WAITING and set_status(wanted, after_dropping(push, wanted)):
            changed.append(wanted)
        push.state, push.reason, push.ended_at = State.DROPPED, reason, timezone.now()
    Push.objects.bulk_update(rows, ["state", "reason", "ended_at"])
    Wanted.objects.bulk_update(changed, ["status", "status_at"])
    look_at_activations([each.feature for each in changed], Cause.STAFF)
    return len(rows)


def differences(push: Push) -> list[Line]:
    """What a push changes, setting by setting."""
    return [Line(name, before, after) for name, (before, after) in differing(push.wanted, push.based_on).items()]


def _plan_of(feature: Feature, by: str) -> Push | None:
    wanted, now = wanted_of(feature), observed(feature)
    is_subject = wanted is not None and feature.removed_at is None and is_customizable(feature)
    if wanted is None or not is_subject or not differing(wanted.values, now):
        return None
    return Push(
        partner_id=feature.partner_id,
        installation_id=feature.installation_id,
        feature=feature,
        wanted=wanted.values,
        based_on={name: now.get(name) for name in wanted.values},
        planned_by=by[:LONGEST_NAME],
    )


def _locked(pushes: Iterable[Push]) -> QuerySet[Push]:
    pushes = list(pushes)
    lock_installations(each.installation_id for each in pushes)
    return Push.objects.filter(pk__in=[each.pk for each in pushes]).select_related("feature__wanted").order_by("pk")
