"""Marking installations dirty: the one call in which every route into the engine ends."""

from collections.abc import Collection
from typing import Any

from django.db.models import BigIntegerField, Case, F, QuerySet, Value, When
from django.db.models.functions import Now

from features.models import Cause, Installation
from partners.models import Business, MetaApp


def installation_of(meta_app: MetaApp, business: Business) -> Installation:
    """The installation of a business on an app, made when there is none yet."""
    return Installation.objects.get_or_create(
        meta_app=meta_app, business=business, defaults={"partner_id": business.partner_id}
    )[0]


def mark_dirty(installations: QuerySet[Installation], cause: Cause, *, uninstalled: Collection[int] = ()) -> list[int]:
    """Ask for one more sync of each; returns their ids. Call it inside `tenant` or `platform`, then wake the workers.

    Ends a back-off (the next one starts short again) and a stop, but never a rate limit's wait. For those that a notice
    calls `uninstalled` (their ids) a dead token or an invisible business will read so until the next result is applied.
    """
    # Locked in one order, so that two senders of hints cannot deadlock: a transaction calls this once.
    ids = list(installations.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    generation = F("requested_generation") + 1
    # Its place in the queue stays: a business of which Meta talks without pause is to be served, too.
    is_waiting = When(requested_generation__gt=F("applied_generation"), is_stopped=False, then=F("requested_at"))
    limited = When(wait=Installation.Wait.LIMIT, then=F("not_before"))
    changes: dict[str, Any] = {
        "requested_generation": generation,
        "requested_cause": cause,
        "requested_at": Case(is_waiting, default=Now()),
        "is_stopped": False,
        "failures": 0,
        "not_before": Case(limited, default=None),
        "wait": Case(When(wait=Installation.Wait.LIMIT, then=F("wait")), default=Value("")),
    }
    if uninstalled:
        said = When(pk__in=uninstalled, then=generation)
        changes["uninstall_generation"] = Case(said, default=F("uninstall_generation"), output_field=BigIntegerField())
    Installation.objects.filter(pk__in=ids).update(**changes)
    return ids
