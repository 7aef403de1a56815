"""When Meta first told of the business of an attempt that started there: a login beside it brings webhooks, too."""

from datetime import timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Least

from features.models import AccessToken, Cause, Change
from features.tokens import SENT_BY_META_AT
from onboarding.models import OnboardingAttempt

Outcome, WayIn, Kind = OnboardingAttempt.Outcome, OnboardingAttempt.WayIn, Change.Kind

# Of one login: its code, exchanged, and its webhook each bring a token, and the webhook may be here before the browser.
TWO_TOKENS_APART = timedelta(minutes=2)
# A token that Meta sent, not one that we made of it or that a file brought; a change by which something came. What went
# may have been taken away elsewhere: where a dialog did it, its token says so.
_TOKEN = Q(kind=AccessToken.Kind.LOGIN)
_CAME = (Kind.INSTALLED, Kind.CHANGED, Kind.CONFIGURED, Kind.CONNECTED)
_CHANGE = Q(cause=Cause.WEBHOOK, kind__in=_CAME)
# Of a business that Meta holds already, anybody may change something there at any time: only a token tells of a dialog.
_HELD = (Kind.CONNECTED, Kind.RECONNECT)
_TURNS = (*_HELD, Kind.DISCONNECTED)
_OF_THE_SAME = {
    "installation__meta_app_id": OuterRef("meta_app_id"),
    "installation__business_id": OuterRef("business_id"),
}


def with_arrival(attempts: QuerySet[OnboardingAttempt]) -> QuerySet[Any]:
    """Attempts with the times at which Meta first told of their business after the start.

    `token_at` is that of a new token. `arrived_at` may also be that of a webhook that changed something, where the
    business was not connected when the attempt began. What a login brought that came back meanwhile is neither.
    """
    turns = Change.objects.filter(**_OF_THE_SAME, kind__in=_TURNS, occurred_at__lte=OuterRef("started_at"))
    return attempts.annotate(
        token_at=Subquery(_tokens().order_by("sent_at").values("sent_at")[:1]),
        last_turn=Subquery(turns.order_by("-pk").values("kind")[:1]),
        changed_at=Case(
            When(last_turn__in=_HELD, then=None),
            default=Subquery(_changes().order_by("occurred_at").values("occurred_at")[:1]),
        ),
        arrived_at=Least(F("token_at"), F("changed_at")),
    )


def _tokens() -> QuerySet[Any]:
    """Of an attempt, the tokens that came after its start and that no login explains."""
    logins = _logins_meanwhile("sent_at").filter(returned_at__gte=OuterRef("sent_at") - TWO_TOKENS_APART)
    tokens = AccessToken.objects.annotate(sent_at=SENT_BY_META_AT).filter(_TOKEN, **_OF_THE_SAME)
    return tokens.filter(~Exists(logins), sent_at__gt=OuterRef("started_at"))


def _changes() -> QuerySet[Change]:
    """Of an attempt, the changes that came by webhook after its start, up to what a login made of the business."""
    logins = _logins_meanwhile("occurred_at")
    return Change.objects.filter(_CHANGE, ~Exists(logins), **_OF_THE_SAME, occurred_at__gt=OuterRef("started_at"))


def _logins_meanwhile(column: str) -> QuerySet[OnboardingAttempt]:
    """Logins under way at this time of a row that brought a code back later than the row's attempt began."""
    return OnboardingAttempt.objects.filter(
        started_at__lt=OuterRef(column),
        returned_at__lte=OuterRef(column) + TWO_TOKENS_APART,
        way_in=WayIn.LOGIN,
        outcome__in=(Outcome.RETURNED, Outcome.SUCCEEDED),
        meta_app_id=OuterRef("installation__meta_app_id"),
        business_id=OuterRef("installation__business_id"),
        returned_at__gt=OuterRef(OuterRef("started_at")),
    )
