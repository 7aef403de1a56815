"""How an attempt that started at Meta ends: no redirect tells it, only what the webhook brought (meta-api, 1.11)."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from features.configuration.wanting import forget_uninstalled, set_defaults
from features.hints import installation_of
from features.uninstalling.anew import connected_anew
from onboarding.arrivals import TWO_TOKENS_APART, with_arrival
from onboarding.models import OnboardingAttempt
from onboarding.starting import defaults_for
from partners.tenancy import platform, tenant

Outcome, WayIn = OnboardingAttempt.Outcome, OnboardingAttempt.WayIn

_OPEN = Q(way_in=WayIn.BUSINESS_APP, outcome=Outcome.STARTED)


def settle_due() -> int:
    """End every attempt that started at Meta and of which more is known by now; how many ended."""
    with platform():
        due = with_arrival(OnboardingAttempt.objects.filter(_OPEN)).filter(
            Q(expires_at__lte=timezone.now()) | Q(arrived_at__isnull=False)
        )
        found = list(due.order_by("pk").values_list("pk", "partner_id"))
    return sum(_settle(attempt, partner) for attempt, partner in found)


def settle(attempt: OnboardingAttempt) -> None:
    """End this attempt if more is known by now, and bring it up to date."""
    if attempt.way_in == WayIn.BUSINESS_APP and attempt.outcome == Outcome.STARTED:
        _settle(attempt.pk, attempt.partner_id)
        with tenant(attempt.partner_id):
            attempt.refresh_from_db(fields=["outcome", "returned_at"])


def _settle(attempt_id: int, partner_id: int) -> bool:
    with tenant(partner_id):
        attempts = OnboardingAttempt.objects.filter(_OPEN).select_related(
            "meta_app", "business", "entry_point__meta_app"
        )
        attempt = attempts.select_for_update(of=("self",)).filter(pk=attempt_id).first()
        if attempt is None:
            return False
        rows = OnboardingAttempt.objects.filter(pk=attempt.pk)
        token_at, arrived_at = with_arrival(rows).values_list("token_at", "arrived_at").get()
        columns = _ending(attempt, arrived_at)
        if not columns:
            return False
        rows.update(**columns)
        if columns["outcome"] == Outcome.SUCCEEDED:
            _connect(attempt, token_at, columns["returned_at"])
    return True


def _connect(attempt: OnboardingAttempt, token_at: datetime | None, arrived_at: datetime) -> None:
    """Want what the business came for; without a new token nothing that staff asked for is called off."""
    installation = installation_of(attempt.meta_app, attempt.business)
    if token_at is not None:
        connected_anew(installation, token_at)
    else:
        forget_uninstalled(installation, arrived_at)
    set_defaults(installation, defaults_for(attempt.entry_point, attempt.business))


def _ending(attempt: OnboardingAttempt, arrived_at: datetime | None) -> dict[str, Any]:
    """What the end of an attempt writes on it; nothing while it may still go well."""
    if arrived_at and _may_be_of_a_login(attempt, arrived_at):
        return {}
    if arrived_at and not _has_successor(attempt, arrived_at):
        return {"outcome": Outcome.SUCCEEDED, "returned_at": arrived_at}
    return {"outcome": Outcome.EXPIRED} if attempt.expires_at <= timezone.now() else {}


def _may_be_of_a_login(attempt: OnboardingAttempt, arrived_at: datetime) -> bool:
    """Whether a login was open as well, and its merchant may be on the way back with the code: for a moment only."""
    now = timezone.now()
    if arrived_at <= now - TWO_TOKENS_APART:
        return False
    is_open = Q(outcome=Outcome.STARTED, expires_at__gt=now)
    return _others(attempt, arrived_at).filter(is_open, way_in=WayIn.LOGIN).exists()


def _has_successor(attempt: OnboardingAttempt, arrived_at: datetime) -> bool:
    """Whether the merchant had started at Meta once more before it came, so that it belongs to that attempt.

    A login takes only what came about when it came back: one that was left, cancelled or failed takes nothing.
    """
    later = _others(attempt, arrived_at).filter(way_in=WayIn.BUSINESS_APP)
    return later.filter(started_at__gt=attempt.started_at).exists()


def _others(attempt: OnboardingAttempt, arrived_at: datetime) -> QuerySet[OnboardingAttempt]:
    """The other attempts of the business that had begun when it came."""
    same = OnboardingAttempt.objects.filter(meta_app_id=attempt.meta_app_id, business_id=attempt.business_id)
    return same.filter(started_at__lt=arrived_at).exclude(pk=attempt.pk)
