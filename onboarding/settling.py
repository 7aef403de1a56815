"""How an attempt that started at Meta ends: no redirect tells it, only what the webhook brought (meta-api, 1.11)."""

from datetime import datetime
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Least
from django.utils import timezone

from features.configuration.wanting import forget_uninstalled, set_defaults
from features.hints import installation_of
from features.models import AccessToken, Cause, Change
from features.tokens import SENT_BY_META_AT
from features.uninstalling.anew import connected_anew
from onboarding.models import OnboardingAttempt
from onboarding.starting import defaults_for
from partners.tenancy import platform, tenant

Outcome, Kind = OnboardingAttempt.Outcome, Change.Kind

_OPEN = Q(way_in=OnboardingAttempt.WayIn.BUSINESS_APP, outcome=Outcome.STARTED)
# A token that Meta sent, not one that we made of it or that a file brought; a change by which something came. What went
# may have been taken away elsewhere: where a dialog did it, its token says so.
_TOKEN = Q(kind=AccessToken.Kind.LOGIN)
_CAME = (Kind.INSTALLED, Kind.CHANGED, Kind.CONFIGURED, Kind.CONNECTED)
_CHANGE = Q(cause=Cause.WEBHOOK, kind__in=_CAME)
# Of a business that Meta holds already, anybody may change something there at any time: only a token tells of a dialog.
_HELD = (Kind.CONNECTED, Kind.RECONNECT)
_TURNS = (*_HELD, Kind.DISCONNECTED)


def settle_due() -> int:
    """End every attempt that started at Meta and of which more is known by now; how many ended."""
    with platform():
        due = _told(OnboardingAttempt.objects.filter(_OPEN)).filter(
            Q(expires_at__lte=timezone.now()) | Q(arrived_at__isnull=False)
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
        if attempt is None:
            return False
        rows = OnboardingAttempt.objects.filter(pk=attempt.pk)
        token_at, arrived_at = _told(rows).values_list("token_at", "arrived_at").get()
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
    if arrived_at and not _has_successor(attempt, arrived_at):
        return {"outcome": Outcome.SUCCEEDED, "returned_at": arrived_at}
    return {"outcome": Outcome.EXPIRED} if attempt.expires_at <= timezone.now() else {}


def _told(attempts: QuerySet[OnboardingAttempt]) -> QuerySet[Any]:
    """Attempts with the times at which Meta first told of their business after the start.

    `token_at` is that of a new token. `arrived_at` may also be that of a webhook that changed something, where the
    business was not connected when the attempt began.
    """
    where = {
        "installation__meta_app_id": OuterRef("meta_app_id"),
        "installation__business_id": OuterRef("business_id"),
    }
    tokens = AccessToken.objects.annotate(sent_at=SENT_BY_META_AT).filter(
        _TOKEN, **where, sent_at__gt=OuterRef("started_at")
    )
    changes = Change.objects.filter(_CHANGE, **where, occurred_at__gt=OuterRef("started_at"))
    turns = Change.objects.filter(**where, kind__in=_TURNS, occurred_at__lte=OuterRef("started_at"))
    changed_at = Subquery(changes.order_by("occurred_at").values("occurred_at")[:1])
    return attempts.annotate(
        token_at=Subquery(tokens.order_by("sent_at").values("sent_at")[:1]),
        last_turn=Subquery(turns.order_by("-pk").values("kind")[:1]),
        changed_at=Case(When(last_turn__in=_HELD, then=None), default=changed_at),
        arrived_at=Least(F("token_at"), F("changed_at")),
    )


def _has_successor(attempt: OnboardingAttempt, arrived_at: datetime) -> bool:
    """Whether the merchant had started once more before it came, so that it belongs to that attempt."""
    later = OnboardingAttempt.objects.filter(meta_app_id=attempt.meta_app_id, business_id=attempt.business_id)
    return later.filter(started_at__gt=attempt.started_at, started_at__lt=arrived_at).exists()
