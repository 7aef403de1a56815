"""What Meta's errors mean for a catalog: stop, wait, or try again (meta-api, 8)."""

import logging
from datetime import timedelta
from typing import Any

from django.utils import timezone

from catalogs.claims import Claim, ClaimLost, held, locked
from catalogs.models import Catalog
from features.claims import pause
from features.failures import retry_seconds
from features.hints import mark_dirty
from features.models import Cause, Installation
from features.wake import workers
from mbe.errors import DeadToken, GraphError, NotVisible, PermissionMissing, RateLimited
from partners.tenancy import tenant

logger = logging.getLogger(__name__)

REASONS: dict[type[GraphError], Catalog.Reason] = {
    DeadToken: Catalog.Reason.NO_TOKEN,
    NotVisible: Catalog.Reason.NOT_VISIBLE,
    PermissionMissing: Catalog.Reason.PERMISSION,
}


def settle_failure(claim: Claim, error: GraphError | None) -> None:
    """Record that a look at a catalog broke off, and when the next may be. None: there is no token at all."""
    if isinstance(error, RateLimited) and error.scope == "app":
        pause(claim.catalog.installation.meta_app, error.wait_seconds)
    is_retryable = error is not None and error.is_retryable
    with tenant(claim.partner_id):
        try:
            catalog = locked(claim)
        except ClaimLost:
            return
        columns = _waiting(catalog, error) if error is not None and is_retryable else _stopped(claim, catalog, error)
        held(claim).update(claimed_until=None, detail=str(error or "")[:500], **columns)
    if isinstance(error, DeadToken):
        _have_connection_looked_at(claim)
    logger.warning("push to catalog %s failed: %s", claim.catalog.pk, error or "no access token")


def _waiting(catalog: Catalog, error: GraphError) -> dict[str, Any]:
    now = timezone.now()
    columns: dict[str, Any] = {"failures": catalog.failures + 1}
    if not isinstance(error, RateLimited):
        return columns | {"due_at": now + timedelta(seconds=retry_seconds(catalog.failures))}
    # The app's own pause holds every catalog of the app.
    until = now + timedelta(seconds=error.wait_seconds) if error.scope == "subject" else now
    return columns | {"due_at": until, "not_before": until}


def _stopped(claim: Claim, catalog: Catalog, error: GraphError | None) -> dict[str, Any]:
    """No call will help until somebody asks, or a sync finds the connection well: say why."""
    if catalog.requested != claim.requested:
        # What was asked for during the look deserves its own try.
        return {"failures": catalog.failures + 1, "due_at": timezone.now()}
    reason = REASONS.get(type(error), Catalog.Reason.REFUSED) if error else Catalog.Reason.NO_TOKEN
    asked = Installation.objects.values_list("requested_generation", flat=True).get(pk=catalog.installation_id)
    return {
        "failures": catalog.failures + 1,
        "state": Catalog.State.STOPPED,
        "reason": reason,
        "due_at": None,
        "stopped_generation": asked,
    }


def _have_connection_looked_at(claim: Claim) -> None:
    # In a transaction of its own: others lock the installation before its catalogs.
    with tenant(claim.partner_id):
        mark_dirty(Installation.objects.filter(pk=claim.catalog.installation_id), Cause.PUSH)
    workers.wake()
