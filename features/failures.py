"""What Meta's errors mean for an installation (meta-api §8): stop, wait, try again, or ask for reconnection."""

import logging
import random
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from features.claims import Claim, pause
from features.deaths import reason_of
from features.models import AccessToken, Change, Installation
from features.tokens import has_been_connected
from mbe.errors import DeadToken, GraphError, NotVisible, PermissionMissing, RateLimited
from partners.tenancy import tenant

logger = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 5
LAST_RETRY_SECONDS = 5 * 60

REASONS: dict[type[GraphError], Installation.Reason] = {
    NotVisible: Installation.Reason.NOT_VISIBLE,
    PermissionMissing: Installation.Reason.PERMISSION,
}


def settle_failure(claim: Claim, error: GraphError | None) -> None:
    """Record a fetch that brought no result; no feature record changes. None: there is no token at all."""
    if isinstance(error, RateLimited) and error.scope == "app":
        pause(claim.installation.meta_app, error.wait_seconds)
    with tenant(claim.installation.partner_id):
        installation = Installation.objects.select_for_update().get(pk=claim.installation.pk)
        if installation.claimed_generation != claim.generation or installation.claimed_until is None:
            return
        columns = {"claimed_until": None, "last_error": str(error or "")[:500], "last_error_at": timezone.now()}
        if error is not None and error.is_retryable:
            columns |= _waiting(installation, error)
        else:
            columns |= _stopped(installation, claim, error)
        Installation.objects.filter(pk=installation.pk).update(**columns)
    logger.warning("sync of installation %s failed: %s", claim.installation.pk, error or "no access token")


def configuration_failure(installation: Installation, claim: Claim, error: GraphError | None) -> dict[str, Any]:
    """The columns of an applied result without a feature configuration: show why, and read again if that may help."""
    if error is None:
        return {}
    columns: dict[str, Any] = {"configuration_error": str(error)[:500]}
    if isinstance(error, RateLimited) and error.scope == "app":
        pause(claim.installation.meta_app, error.wait_seconds)
    if error.is_retryable or isinstance(error, DeadToken):
        columns |= asked_again(installation, claim)
    if error.is_retryable:
        columns |= _waiting(installation, error)
    return columns


def asked_again(installation: Installation, claim: Claim) -> dict[str, Any]:
    """The columns of one more sync, for the same cause."""
    again = max(installation.requested_generation, claim.generation + 1)
    return {"requested_generation": again, "requested_cause": claim.cause}


def retry_seconds(failures: int) -> float:
    """How long to wait after so many failures in a row: doubling, capped, and spread so that crowds disperse."""
    return min(FIRST_RETRY_SECONDS * 2.0 ** min(failures, 20), LAST_RETRY_SECONDS) * random.uniform(0.8, 1.2)


def _waiting(installation: Installation, error: GraphError) -> dict[str, Any]:
    if not isinstance(error, RateLimited):
        seconds, wait = retry_seconds(installation.failures), Installation.Wait.BACKOFF
    elif error.scope == "subject":
        seconds, wait = float(error.wait_seconds), Installation.Wait.LIMIT
    else:
        # The app's own pause holds every installation of the app.
        return {}
    return {
        "failures": installation.failures + 1,
        "not_before": timezone.now() + timedelta(seconds=seconds),
        "wait": wait,
    }


def _stopped(installation: Installation, claim: Claim, error: GraphError | None) -> dict[str, Any]:
    """No call will help until a hint, a new token or the next reconcile: say why."""
    columns: dict[str, Any] = {
        "failures": installation.failures + 1,
        # A hint that came during the fetch deserves its own try.
        "is_stopped": installation.requested_generation == claim.generation,
        "reconcile_at": None,
    }
    if claim.tokens:
        columns["reconcile_at"] = timezone.now() + timedelta(seconds=settings.RECONCILE_SECONDS)
    reason, detail = _reason(installation, error)
    is_said_already = error is None and installation.state == Installation.State.RECONNECT
    if is_said_already or installation.state == Installation.State.DISCONNECTED:
        return columns
    columns |= {"reason": reason, "reason_detail": detail}
    # To connect again heals no call that Meta refuses as such.
    if has_been_connected(installation) and reason != Installation.Reason.REFUSED:
        columns["state"] = Installation.State.RECONNECT
        _log_reconnect(installation, claim, reason)
    return columns


def _reason(installation: Installation, error: GraphError | None) -> tuple[Installation.Reason, str]:
    """Why there is no way to Meta, in Meta's words too; where no token is left, why the last one died."""
    if isinstance(error, DeadToken):
        return reason_of(error.subcode), str(error)[:500]
    if error is not None:
        return REASONS.get(type(error), Installation.Reason.REFUSED), str(error)[:500]
    dead = AccessToken.objects.filter(installation=installation).exclude(dead_at=None).order_by("-dead_at").first()
    return (reason_of(dead.dead_subcode), dead.dead_reason) if dead else (Installation.Reason.NO_TOKEN, "")


def _log_reconnect(installation: Installation, claim: Claim, reason: str) -> None:
    if installation.state == Installation.State.RECONNECT and installation.reason == reason:
        return
    Change.objects.create(
        partner_id=installation.partner_id,
        installation=installation,
        kind=Change.Kind.RECONNECT,
        cause=claim.cause,
        generation=claim.generation,
        before={"state": installation.state, "reason": installation.reason},
        after={"state": Installation.State.RECONNECT, "reason": reason},
    )
