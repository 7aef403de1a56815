"""When an attempt led to a connection: a sync after the return found the business connected."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from features.models import Installation
from onboarding.models import OnboardingAttempt
from partners.tenancy import platform, tenant

# A business that is not connected a week after its return did not connect by it.
_LATEST = timedelta(days=7)


def note_connected() -> int:
    """Write `connected_at` on every attempt that succeeded and whose business is found connected; how many it wrote.

    The time is that of the last sync, so it is late by no more than the pause between two looks. It needs no browser.
    """
    with platform():
        synced = Installation.objects.filter(
            meta_app_id=OuterRef("meta_app_id"),
            business_id=OuterRef("business_id"),
            state=Installation.State.CONNECTED,
            synced_at__gte=OuterRef("returned_at"),
        )
        waiting = OnboardingAttempt.objects.filter(
            outcome=OnboardingAttempt.Outcome.SUCCEEDED,
            connected_at__isnull=True,
            returned_at__gt=timezone.now() - _LATEST,
        )
        due = waiting.filter(Exists(synced)).annotate(at=synced.values("synced_at")[:1])
        found = list(due.values_list("pk", "partner_id", "at"))
    for pk, partner_id, at in found:
        with tenant(partner_id):
            OnboardingAttempt.objects.filter(pk=pk, connected_at__isnull=True).update(connected_at=at)
    return len(found)
