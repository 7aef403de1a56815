"""How an attempt that started at Meta ends: no redirect tells it, only what the webhook brought (meta-api, 1.11)."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from features.configuration.wanting import set_defaults
from features.hints import installation_of
from features.models import AccessToken, Cause, Change
from features.uninstalling.anew import connected_anew
from onboarding.models import OnboardingAttempt
from onboarding.starting import defaults_for
from partners.tenancy import platform, tenant

Outcome = OnboardingAttempt.Outcome

_OPEN = Q(way_in=OnboardingAttempt.WayIn.BUSINESS_APP, outcome=Outcome.STARTED)
# A token that Meta sent, not one that we made of it; a change by which something came. What went may have been taken
# away elsewhere: where a dialog did it, its token says so.
_TOKEN = Q(kind=AccessToken.Kind.LOGIN)
_CAME = (Change.Kind.INSTALLED, Change.Kind.CHANGED, Change.Kind.CONFIGURED, Change.Kind.CONNECTED)
_CHANGE = Q(cause=Cause.WEBHOOK, kind__in=_CAME)


def settle_due() -> int:
    """End every attempt that started at Meta and of which more is known by now; how many ended."""
    of_attempt = {
        "installation__meta_app_id": OuterRef("meta_app_id"),
        "installation__business_id": OuterRef("business_id"),
    }
    token = AccessToken.objects.filter(_TOKEN, **of_attempt, received_at__gt=OuterRef("started_at"))
    change = Change.objects.filter(_CHANGE, **of_attempt, occurred_at__gt=OuterRef("started_at"))
    with platform():
        due = OnboardingAttempt.objects.filter(_OPEN).filter(
            Q(expires_at__lte=timezone.now()) | Exists(token) | Exists(change)
        )
        found = list(due.order_by("pk").values_list("pk", "partner_id"))
    return sum(_settle(attempt, partner) for attempt, partner in found)


def settle(attempt: OnboardingAttempt) -> None:
    """End this attempt if more is known by now, and bring it up to date."""
    if attempt.way_in == OnboardingAttempt.WayIn.BUSINESS_APP and attempt.outcome == Outcome.STARTED:
        _settle(attempt.pk, attempt.partner_id)
        with tenant(attempt.partner_id):
            attempt.refresh_from_db(fields=["outcome", "returned_at"])


def _settle(attempt_id: int, partner_id: int) -> bool:
    with tenant(partner_id):
        attempts = OnboardingAttempt.objects.filter(_OPEN).select_related(
            "meta_app", "business", "entry_point__meta_app"
        )
        attempt = attempts.select_for_update(of=("self",)).filter(pk=attempt_id).first()
        columns = _ending(attempt) if attempt else {}
        if attempt is None or not columns:
            return False
        OnboardingAttempt.objects.filter(pk=attempt.pk).update(**columns)
        if columns["outcome"] == Outcome.SUCCEEDED:
            installation = installation_of(attempt.meta_app, attempt.business)
            connected_anew(installation, columns["returned_at"])
            set_defaults(installation, defaults_for(attempt.entry_point, attempt.business))
    return True


def _ending(attempt: OnboardingAttempt) -> dict[str, Any]:
    """What the end of an attempt writes on it; nothing while it may still go well."""
    arrived_at = _arrived_at(attempt)
    if arrived_at and not _has_successor(attempt, arrived_at):
        return {"outcome": Outcome.SUCCEEDED, "returned_at": arrived_at}
    return {"outcome": Outcome.EXPIRED} if attempt.expires_at <= timezone.now() else {}


def _arrived_at(attempt: OnboardingAttempt) -> datetime | None:
    """When Meta first told of the business after the start: by a new token, or by a webhook that changed something."""
    where = {
        "installation__meta_app_id": attempt.meta_app_id,
        "installation__business_id": attempt.business_id,
    }
    tokens: QuerySet[AccessToken] = AccessToken.objects.filter(_TOKEN, **where, received_at__gt=attempt.started_at)
    changes = Change.objects.filter(_CHANGE, **where, occurred_at__gt=attempt.started_at)
    times = [
        tokens.order_by("received_at").values_list("received_at", flat=True).first(),
        changes.order_by("occurred_at").values_list("occurred_at", flat=True).first(),
    ]
    return min(filter(None, times), default=None)


def _has_successor(attempt: OnboardingAttempt, arrived_at: datetime) -> bool:
    """Whether the merchant had started once more before it came, so that it belongs to that attempt."""
    later = OnboardingAttempt.objects.filter(meta_app_id=attempt.meta_app_id, business_id=attempt.business_id)
    return later.filter(started_at__gt=attempt.started_at, started_at__lt=arrived_at).exists()
