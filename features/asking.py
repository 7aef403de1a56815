"""Asking for a sync by hand."""

from collections import defaultdict

from django.db import transaction
from django.db.models import QuerySet

from features.hints import mark_dirty
from features.models import Cause, Installation
from features.wake import workers
from partners.tenancy import tenant


def ask_for_sync(installations: QuerySet[Installation]) -> int:
    """Have these installations synced as soon as a worker is free; returns how many."""
    by_partner: dict[int, list[int]] = defaultdict(list)
    for partner_id, pk in installations.order_by().values_list("partner_id", "pk"):
        by_partner[partner_id].append(pk)
    for partner_id, ids in by_partner.items():
        with tenant(partner_id):
            mark_dirty(Installation.objects.filter(pk__in=ids), Cause.STAFF)
            transaction.on_commit(workers.wake)
    return sum(map(len, by_partner.values()))
