"""Asking for a sync by hand."""

from django.db import transaction
from django.db.models import QuerySet

from features.hints import mark_dirty
from features.models import Cause, Installation
from features.wake import workers
from partners.tenancy import platform, tenant


def ask_for_sync(installations: QuerySet[Installation]) -> int:
    """Have these installations synced as soon as a worker is free; returns how many."""
    partners = dict(installations.order_by().values_list("pk", "partner_id"))
    if not partners:
        return 0
    several = len(set(partners.values())) > 1
    # One call for all of them: what locks rows in one order cannot deadlock with the workers.
    with platform() if several else tenant(next(iter(partners.values()))):
        mark_dirty(Installation.objects.filter(pk__in=partners), Cause.STAFF)
        transaction.on_commit(workers.wake)
    return len(partners)
