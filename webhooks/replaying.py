"""Processing stored deliveries again."""

from collections import defaultdict

from django.db import transaction
from django.db.models import QuerySet

from partners.tenancy import tenant
from webhooks.endpoint import inbox_workers
from webhooks.models import Delivery


def process_again(deliveries: QuerySet[Delivery]) -> int:
    """Put deliveries back into the inbox as if they had just come; returns how many."""
    by_partner: dict[int, list[int]] = defaultdict(list)
    for partner_id, pk in deliveries.order_by().values_list("partner_id", "pk"):
        by_partner[partner_id].append(pk)
    for partner_id, ids in by_partner.items():
        with tenant(partner_id):
            Delivery.objects.filter(pk__in=ids).update(status=Delivery.Status.RECEIVED, processed_at=None, problem="")
            transaction.on_commit(inbox_workers.wake)
    return sum(map(len, by_partner.values()))
