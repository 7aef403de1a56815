"""Marking installations dirty: the one call in which every route into the engine ends."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, Case, DateTimeField, F, Q, QuerySet, Value, When
from django.db.models.functions import Least, Now

from features.models import Cause, Installation
from partners.models import Business, MetaApp

_IS_WAITING = Q(requested_generation__gt=F("applied_generation"), is_stopped=False)


def installation_of(meta_app: MetaApp, business: Business) -> Installation:
    """The installation of a business on an app, made when there is none yet."""
    return Installation.objects.get_or_create(
        meta_app=meta_app, business=business, defaults={"partner_id": business.partner_id}
    )[0]


def mark_dirty(installations: QuerySet[Installation], cause: Cause, *, uninstalled: Collection[int] = ()) -> list[int]:
    """Ask for one more sync of each; returns their ids. Call it inside `tenant` or `platform`, then wake the workers.

    Ends a back-off (the next starts short again) and a stop, but never a rate limit's wait. What webhooks hint at is
    due once they have been quiet, so that a burst ends in one fetch; what people ask for is due now. For those that a
    notice calls `uninstalled` (their ids) a dead token or an invisible business will read so until the next result.
    """
    # Locked in one order, so that two senders of hints cannot deadlock: a transaction calls this once.
    ids = list(installations.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    generation = F("requested_generation") + 1
    # Its place in the queue stays: a business of which Meta talks without pause is to be served, too.
    requested_at = Case(When(_IS_WAITING, then=F("requested_at")), default=Now(), output_field=DateTimeField())
    # A webhook puts off nothing that somebody asked for a moment ago.
    due_now = When(_IS_WAITING, not_before=None, claimed_until=None, then=None)
    limited = When(wait=Installation.Wait.LIMIT, then=F("not_before"))
    changes: dict[str, Any] = {
        "requested_generation": generation,
        "requested_cause": _unless_waited_for(cause) if cause == Cause.IMPORT else cause,
        "requested_at": requested_at,
        "is_stopped": False,
        "failures": 0,
        "not_before": Case(limited, due_now, default=_when_quiet(requested_at))
        if cause == Cause.WEBHOOK
        else Case(limited, default=None),
        "wait": Case(When(wait=Installation.Wait.LIMIT, then=F("wait")), default=Value("")),
    }
    if uninstalled:
        said = When(pk__in=uninstalled, then=generation)
        changes["uninstall_generation"] = Case(said, default=F("uninstall_generation"), output_field=BigIntegerField())
    Installation.objects.filter(pk__in=ids).update(**changes)
    return ids


def _unless_waited_for(cause: Cause) -> Case:
    """Who waits for something else does not go back behind a file of thousands."""
    waited_for = When(_IS_WAITING & ~Q(requested_cause=cause), then=F("requested_cause"))
    return Case(waited_for, default=Value(cause))


def _when_quiet(requested_at: Case) -> Least:
    """A moment from now, but a webhook that comes in every moment does not put a sync off for longer than a while."""
    moment = timedelta(seconds=settings.WEBHOOK_QUIET_SECONDS)
    while_at_most = timedelta(seconds=settings.WEBHOOK_PATIENCE_SECONDS)
    return Least(Now() + moment, requested_at + while_at_most)
