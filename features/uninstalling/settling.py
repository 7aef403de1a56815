"""Writing what came of a call to uninstall, asking a sync to look, and the end with all that follows from it."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from features.claims import pause
from features.configuration.wanting import want_off
from features.failures import retry_seconds
from features.fetching import NoUsableToken
from features.hints import mark_dirty
from features.models import Cause, Installation
from features.uninstalling.asking import end
from features.uninstalling.claims import Claim
from features.uninstalling.history import note_called_off
from features.uninstalling.judging import End, is_gone
from features.uninstalling.models import Uninstall
from features.wake import workers as sync_workers
from mbe.deaths import APP_REMOVED
from mbe.errors import DeadToken, GraphError, NotVisible, RateLimited, TransientError
from partners.tenancy import tenant

logger = logging.getLogger(__name__)

State, Reason = Uninstall.State, Uninstall.Reason


class NotSent(TransientError):
    """The trouble is our own, and Meta was not asked."""


def settle(claim: Claim, failure: GraphError | NoUsableToken | None) -> None:
    """Write down Meta's answer, or what came instead of one, as far as the uninstall is still this worker's."""
    error = failure.last_error if isinstance(failure, NoUsableToken) else failure
    if isinstance(error, RateLimited) and error.scope == "app":
        pause(claim.uninstall.installation.meta_app, error.wait_seconds)
    with tenant(claim.uninstall.partner_id):
        installation = Installation.objects.select_for_update().get(pk=claim.uninstall.installation_id)
        row = claim.held().select_related("feature").first()
        if row is None:
            return
        if failure is None:
            _acknowledged(row, installation)
        elif error is not None and error.is_retryable:
            _wait(claim, row, error)
        else:
            _stop(claim, row, installation, failure, error)
    if failure is not None:
        logger.warning("uninstall %s of installation %s failed: %s", row.pk, installation.pk, failure)


def look(row: Uninstall, installation: Installation, *, is_notice: bool, **columns: Any) -> None:
    """Ask a sync to look whether it is gone; call it with the installation locked.

    `is_notice`: Meta has said yes to uninstalling the whole, so that a dead token or an invisible business reads as
    uninstalled, as it does after Meta's own notice.
    """
    is_notice = is_notice and row.is_whole and row.connected_anew_at is None
    ids = Installation.objects.filter(pk=installation.pk)
    mark_dirty(ids, Cause.UNINSTALL, uninstalled=[installation.pk] if is_notice else [])
    Uninstall.objects.filter(pk=row.pk).update(
        looks=F("looks") + 1,
        looked_generation=installation.requested_generation + 1,
        not_before=timezone.now() + timedelta(seconds=retry_seconds(row.looks)),
        claimed_until=None,
        wait="",
        failures=0,
        **columns,
    )
    transaction.on_commit(sync_workers.wake)


def finish(row: Uninstall, how: End, **columns: Any) -> None:
    """Write the end; what is gone is from now on wanted as it is, so that nothing of it is pushed back on.

    Not so where the business has come back meanwhile: what is wanted now is what it came back for.
    """
    if how == End(State.CALLED_OFF, Reason.CONNECTED_ANEW):
        note_called_off(row, row.installation)
    end(Uninstall.objects.filter(pk=row.pk), how.state, how.reason, **columns)
    if how.state == State.GONE and row.connected_anew_at is None:
        want_off(row.installation, row.feature, by=row.asked_by)


def _acknowledged(row: Uninstall, installation: Installation) -> None:
    columns = {"acknowledged_at": row.acknowledged_at or timezone.now(), "detail": "", "calls": F("calls") + 1}
    if is_gone(installation, row.feature):
        # A webhook was quicker than Meta's answer to us.
        finish(row, End(State.GONE), **columns)
    else:
        look(row, installation, is_notice=True, state=State.ACKNOWLEDGED, **columns)


def _wait(claim: Claim, row: Uninstall, error: GraphError) -> None:
    columns: dict[str, Any] = {"detail": words(error), "claimed_until": None, "failures": row.failures + 1}
    seconds, wait = retry_seconds(row.failures), Installation.Wait.BACKOFF
    if isinstance(error, RateLimited | NotSent):
        # Meta has certainly not taken it.
        columns["sent_at"] = claim.sent_before
    if isinstance(error, RateLimited):
        # The app's own pause holds every uninstall of the app.
        seconds, wait = float(error.wait_seconds), Installation.Wait.LIMIT
    not_before = timezone.now() + timedelta(seconds=seconds)
    Uninstall.objects.filter(pk=row.pk).update(**columns, not_before=not_before, wait=wait)


def _stop(
    claim: Claim,
    row: Uninstall,
    installation: Installation,
    failure: GraphError | NoUsableToken,
    error: GraphError | None,
) -> None:
    """No further call helps now. Where Meta may have taken one before, a sync looks first."""
    was_sent = claim.sent_before is not None
    is_without_token = isinstance(failure, NoUsableToken)
    if was_sent and _reads_as_gone(row, error, is_without_token=is_without_token):
        look(row, installation, is_notice=True, detail=words(error))
    elif was_sent and not row.looks and not is_without_token:
        look(row, installation, is_notice=False, detail=words(error))
    else:
        finish(row, _end_of(row, was_sent, is_without_token), detail=words(error), sent_at=claim.sent_before)
        mark_dirty(Installation.objects.filter(pk=installation.pk), Cause.UNINSTALL)
        transaction.on_commit(sync_workers.wake)


def _reads_as_gone(row: Uninstall, error: GraphError | None, *, is_without_token: bool) -> bool:
    """Whether Meta's refusal says that the whole is gone: after its yes any, after a lost answer a plain one only."""
    if not row.is_whole or row.connected_anew_at is not None:
        return False
    if isinstance(error, NotVisible):
        return True
    is_app_removed = isinstance(error, DeadToken) and error.subcode == APP_REMOVED
    return is_app_removed or (is_without_token and row.acknowledged_at is not None)


def _end_of(row: Uninstall, was_sent: bool, is_without_token: bool) -> End:
    if row.connected_anew_at is not None:
        return End(State.CALLED_OFF, Reason.CONNECTED_ANEW)
    if row.acknowledged_at is not None:
        return End(State.UNCONFIRMED, Reason.UNREAD if is_without_token else Reason.STILL_SHOWN)
    if was_sent:
        return End(State.UNCONFIRMED, Reason.UNANSWERED)
    return End(State.REFUSED, Reason.NO_TOKEN if is_without_token else "")


def words(error: GraphError | None) -> str:
    """What Meta says about a failure, rather to the person at the screen than to programmers."""
    return (error.user_message or str(error))[:500] if error else ""
