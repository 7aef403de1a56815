"""A merchant comes back from Meta: the state is used up once, the code exchanged, the business marked dirty."""

import logging
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from features.configuration.wanting import set_defaults
from features.graph import client_for
from features.hints import installation_of, mark_dirty
from features.models import AccessToken, Cause, Installation
from features.tokens import keep, received
from features.uninstalling.anew import connected_anew
from features.wake import workers
from mbe.errors import GraphError
from mbe.graph import Token
from mbe.links import LoginReturn
from onboarding.models import OnboardingAttempt, fingerprint
from onboarding.starting import defaults_for, redirect_uri
from partners.tenancy import platform, tenant

logger = logging.getLogger(__name__)

Outcome = OnboardingAttempt.Outcome


class Verdict(Enum):
    """Whether a return counts, and if not, why."""

    TAKEN = auto()
    UNKNOWN = auto()
    FOREIGN = auto()
    REPLAYED = auto()
    EXPIRED = auto()


@dataclass(frozen=True)
class Arrival:
    """A return from Meta; `attempt` is there when it is this browser's own."""

    verdict: Verdict
    attempt: OnboardingAttempt | None = None


def arrive(answer: LoginReturn, browser: str) -> Arrival:
    """Take what the dialog sent back to this browser, as far as it counts; the attempt holds the outcome."""
    with platform():
        attempts = OnboardingAttempt.objects.filter(state_hash=fingerprint(answer.state))
        found = attempts.values_list("pk", "partner_id").first()
    if found is None:
        return Arrival(Verdict.UNKNOWN)
    verdict, attempt = _use_up(*found, answer, fingerprint(browser))
    if verdict is Verdict.TAKEN and attempt.outcome == Outcome.RETURNED:
        _exchange(attempt, answer.code)
    return Arrival(verdict, None if verdict is Verdict.FOREIGN else attempt)


def _use_up(
    attempt_id: int, partner_id: int, answer: LoginReturn, browser_hash: str
) -> tuple[Verdict, OnboardingAttempt]:
    """Judge a return under the attempt's lock, so that of two at once exactly one counts."""
    with tenant(partner_id):
        attempts = OnboardingAttempt.objects.select_related("meta_app", "business", "entry_point__meta_app")
        attempt = attempts.select_for_update(of=("self",)).get(pk=attempt_id)
        verdict = _judge(attempt, browser_hash)
        columns = _columns(verdict, answer)
        OnboardingAttempt.objects.filter(pk=attempt_id).update(**columns)
        attempt.outcome = columns.get("outcome", attempt.outcome)
    return verdict, attempt


def _judge(attempt: OnboardingAttempt, browser_hash: str) -> Verdict:
    if attempt.browser_hash != browser_hash:
        return Verdict.FOREIGN
    if attempt.outcome == Outcome.EXPIRED:
        return Verdict.EXPIRED
    if attempt.returned_at is not None:
        return Verdict.REPLAYED
    return Verdict.EXPIRED if attempt.expires_at <= timezone.now() else Verdict.TAKEN


def _columns(verdict: Verdict, answer: LoginReturn) -> dict[str, Any]:
    """What a return writes on its attempt."""
    if verdict is Verdict.FOREIGN:
        return {"foreign_returns": F("foreign_returns") + 1}
    if verdict is Verdict.REPLAYED:
        return {"replays": F("replays") + 1}
    columns: dict[str, Any] = {"returned_at": timezone.now()}
    if verdict is Verdict.EXPIRED:
        return columns | {"outcome": Outcome.EXPIRED}
    if answer.kind == "code":
        return columns | {"outcome": Outcome.RETURNED}
    if answer.kind == "cancelled":
        return columns | {"outcome": Outcome.CANCELLED}
    return columns | {
        "outcome": Outcome.FAILED,
        "error_code": answer.error_code,
        "error_message": answer.error_message,
    }


def _exchange(attempt: OnboardingAttempt, code: str) -> None:
    try:
        token = client_for(attempt.meta_app).exchange_code(code, redirect_uri())
    except GraphError as error:
        logger.warning("the code of attempt %s was not exchanged: %s", attempt.pk, error)
        columns = {"error_code": str(error.code or ""), "error_message": str(error)[:500]}
        with tenant(attempt.partner_id):
            OnboardingAttempt.objects.filter(pk=attempt.pk).update(outcome=Outcome.FAILED, **columns)
    else:
        _connect(attempt, token)


def _connect(attempt: OnboardingAttempt, token: Token) -> None:
    """Keep the login's token and the entry point's defaults, and ask for a sync: only Meta knows what is installed."""
    with tenant(attempt.partner_id):
        installation = installation_of(attempt.meta_app, attempt.business)
        keep([received(installation, token, AccessToken.Kind.LOGIN, attempt.entry_point.scopes)])
        mark_dirty(Installation.objects.filter(pk=installation.pk), Cause.RETURN)
        connected_anew(installation, timezone.now())
        set_defaults(installation, defaults_for(attempt.entry_point, attempt.business))
        OnboardingAttempt.objects.filter(pk=attempt.pk).update(outcome=Outcome.SUCCEEDED)
        transaction.on_commit(workers.wake)
