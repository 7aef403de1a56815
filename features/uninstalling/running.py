"""Going on with uninstalls, in a few lanes of each process: a call to Meta, a look by a sync, or the end."""

import logging
import threading
from datetime import timedelta

from django.utils import timezone

from features.claims import ClaimLost
from features.failures import retry_seconds
from features.fetching import NoUsableToken, with_tokens
from features.graph import client_for
from features.models import Feature, Installation
from features.uninstalling.anew import connected_anew, has_grown_since, newer_token_at
from features.uninstalling.claims import Claim, claim_next, claim_one, due, lease_end
from features.uninstalling.judging import End, Step, next_of
from features.uninstalling.models import Uninstall
from features.uninstalling.settling import NotSent, finish, look, settle
from mbe.errors import GraphError, TransientError
from partners.encryption import UnknownKey
from partners.tenancy import platform, tenant

logger = logging.getLogger(__name__)

# Of this process; the other workers are for syncs.
LANES = 2
_lanes = threading.BoundedSemaphore(LANES)


def drain() -> int:
    """Go on with whatever is due until nothing is, in one of a few lanes of this process; how many steps were made.

    A lane is left before the last look, so that a request never finds every lane taken by workers about to stop.
    """
    handled = 0
    while _is_any_due() and _lanes.acquire(blocking=False):
        try:
            in_this_lane = _go_on()
        finally:
            _lanes.release()
        if not in_this_lane:
            # What is due is being locked by another lane, or by somebody who wakes the workers next.
            break
        handled += in_this_lane
    return handled


def run_one(partner_id: int, uninstall_id: int) -> bool:
    """Go on with this one now; False when it is not due, or another worker has it."""
    claim = claim_one(partner_id, uninstall_id)
    if claim is not None:
        run(claim)
    return claim is not None


def run(claim: Claim) -> None:
    """Make one step of a claimed uninstall; Meta's errors end up in the row."""
    try:
        if prepare(claim):
            settle(claim, call(claim))
    except ClaimLost:
        logger.info("another worker goes on with uninstall %s", claim.uninstall.pk)
    except Exception as error:  # One uninstall's surprise must not stop the others.
        logger.exception("uninstall %s broke off", claim.uninstall.pk)
        settle(claim, TransientError(f"internal error: {type(error).__name__}"))


def prepare(claim: Claim) -> bool:
    """Judge what comes next and do all of it that needs no call; whether Meta is to be called now.

    That it is sent is written down first, under the lock that a return from Meta takes, too: either the return is seen
    here and nothing is sent, or it finds what was sent.
    """
    with tenant(claim.uninstall.partner_id):
        installation = Installation.objects.select_for_update().get(pk=claim.uninstall.installation_id)
        row = claim.held().first()
        if row is not None and row.connected_anew_at is None and (at := newer_token_at(row)):
            connected_anew(installation, at)
            row = claim.held().first()
        if row is None:
            return False
        step = next_of(row, installation, _feature_of(row), timezone.now())
        if step is Step.CALL and has_grown_since(row):
            step = End(Uninstall.State.UNCONFIRMED, Uninstall.Reason.NEW_SINCE)
        if step is Step.CALL:
            claim.held().update(sent_at=timezone.now(), claimed_until=lease_end())
            return True
        _do(claim, row, installation, step)
    return False


def _is_any_due() -> bool:
    with platform():
        return due().exists()


def _go_on() -> int:
    handled = 0
    while claim := claim_next():
        run(claim)
        handled += 1
    return handled


def call(claim: Claim) -> GraphError | NoUsableToken | None:
    """Ask Meta to uninstall; what came back instead of a yes."""
    try:
        with_tokens(claim, lambda token: _call(claim.uninstall, token))
    except (GraphError, NoUsableToken) as error:
        return error
    except UnknownKey as error:
        # Nothing is wrong with token or request: it goes on when the key is back.
        return NotSent(str(error))
    return None


def _call(row: Uninstall, token: str) -> None:
    installation = row.installation
    client, external_id = client_for(installation.meta_app), installation.business.external_business_id
    if row.feature_id is None:
        client.uninstall(external_id, token)
        return
    with tenant(row.partner_id):
        feature = Feature.objects.get(pk=row.feature_id)
        alike = Feature.objects.filter(installation=installation, feature_type=feature.feature_type, removed_at=None)
        is_only_one = alike.count() <= 1
    client.uninstall_feature(
        external_id, token, feature.feature_type, feature.feature_instance_id, is_only_one=is_only_one
    )


def _do(claim: Claim, row: Uninstall, installation: Installation, step: Step | End) -> None:
    if isinstance(step, End):
        finish(row, step)
    elif step is Step.LOOK:
        look(row, installation, is_notice=True)
    else:
        wait = timedelta(seconds=retry_seconds(row.looks))
        claim.held().update(claimed_until=None, not_before=timezone.now() + wait)


def _feature_of(row: Uninstall) -> Feature | None:
    return Feature.objects.filter(pk=row.feature_id).first() if row.feature_id else None
