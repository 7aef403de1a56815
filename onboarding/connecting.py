"""Which attempt led to a connection: the one that came back last before a sync found the business connected."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from features.models import Change, Installation
from onboarding.models import OnboardingAttempt
from partners.tenancy import platform, tenant

Outcome = OnboardingAttempt.Outcome

# A business that is not connected a week after its return did not connect by it.
_LATEST = timedelta(days=7)


def note_connected() -> int:
    """Write `connected_at` on every attempt that led to a connection; how many it wrote.

    It succeeded, a sync since then found the business connected, and the merchant did not come by another attempt in
    between, whichever button began it. Where the business was connected all along, the time is that of the last sync,
    late by no more than the pause between two looks. It needs no browser.
    """
    now = timezone.now()
    with platform():
        waiting = OnboardingAttempt.objects.filter(
            outcome=Outcome.SUCCEEDED, connected_at__isnull=True, returned_at__gt=now - _LATEST
        )
        synced = _synced()
        connected = waiting.filter(Exists(synced)).annotate(
            at=Coalesce(_turned().values("occurred_at")[:1], synced.values("synced_at")[:1])
        )
        found = list(connected.filter(~Exists(_successors(now))).values_list("pk", "partner_id", "at"))
    for pk, partner_id, at in found:
        with tenant(partner_id):
            OnboardingAttempt.objects.filter(pk=pk, connected_at__isnull=True).update(connected_at=at)
    return len(found)


def _synced() -> QuerySet[Installation]:
    return Installation.objects.filter(
        meta_app_id=OuterRef("meta_app_id"),
        business_id=OuterRef("business_id"),
        state=Installation.State.CONNECTED,
        synced_at__gte=OuterRef("returned_at"),
    )


def _turned() -> QuerySet[Change]:
    turned = Change.objects.filter(
        installation__meta_app_id=OuterRef("meta_app_id"),
        installation__business_id=OuterRef("business_id"),
        kind=Change.Kind.CONNECTED,
        occurred_at__gte=OuterRef("returned_at"),
    )
    return turned.order_by("occurred_at")


def _successors(now: datetime) -> QuerySet[OnboardingAttempt]:
    """Attempts by which the business came back after this one, or still may have, when it was found connected."""
    came = Q(outcome=Outcome.SUCCEEDED, returned_at__gt=OuterRef("returned_at"), returned_at__lte=OuterRef("at"))
    # How one that started at Meta ended is told a little after its time is up.
    is_open = Q(way_in=OnboardingAttempt.WayIn.BUSINESS_APP) | Q(expires_at__gt=now)
    may_come = Q(
        is_open,
        outcome__in=(Outcome.STARTED, Outcome.RETURNED),
        started_at__gt=OuterRef("started_at"),
        started_at__lt=OuterRef("at"),
    )
    return OnboardingAttempt.objects.filter(
        came | may_come, meta_app_id=OuterRef("meta_app_id"), business_id=OuterRef("business_id")
    )
