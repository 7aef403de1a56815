"""Sync (Meta to us) of claimed installations: fetch, then apply or settle the failure."""

import logging
import threading

from features.applying import apply
from features.claims import Claim, ClaimLost, claim_next, claim_one, due
from features.failures import settle_failure
from features.fetching import NoUsableToken, Observation, fetch
from features.graph import client_for
from features.tokens import gain_system_user_token
from features.wake import workers
from mbe.errors import DeadToken, GraphError, NotVisible, TransientError
from mbe.installs import Installs
from partners.tenancy import platform

logger = logging.getLogger(__name__)

LANES = 4
_lanes = threading.BoundedSemaphore(LANES)

UNINSTALLED = Installs(is_installed=False, assets={}, token_type="", additional_info={}, features=())


def sync_claimed(claim: Claim) -> bool:
    """Fetch and apply one claimed installation; True when a result was applied. Meta's errors end up in the record."""
    try:
        client = client_for(claim.installation.meta_app)
        observation = fetch(claim, client)
    except ClaimLost:
        return False
    except NoUsableToken as none_left:
        return _fail(claim, none_left.last_error)
    except GraphError as error:
        return _fail(claim, error)
    return observe(claim, observation)


def observe(claim: Claim, observation: Observation) -> bool:
    """Apply what was seen, then gain a system user token where there is none yet."""
    if not apply(claim, observation):
        return False
    if observation.installs.is_installed:
        types = {each.feature_type for each in observation.installs.features or ()}
        client = client_for(claim.installation.meta_app)
        gain_system_user_token(claim, client, observation.installs.business_manager_id, types)
    return True


def sync_one(partner_id: int, installation_id: int) -> bool:
    """Sync this installation now if it is due; False when nothing was applied."""
    claim = claim_one(partner_id, installation_id)
    return claim is not None and sync_claimed(claim)


def drain() -> int:
    """Sync whatever is due until nothing is, in one of a few lanes of this process; how many were handled.

    A lane is left before the last look, so that a hint never finds every lane taken by workers about to stop.
    """
    handled = 0
    while _is_anything_due() and _lanes.acquire(blocking=False):
        workers.wake()  # One more lane, as long as there is one.
        try:
            while claim := claim_next():
                _sync_whatever_happens(claim)
                handled += 1
        finally:
            _lanes.release()
    return handled


def _is_anything_due() -> bool:
    with platform():
        return due().exists()


def _sync_whatever_happens(claim: Claim) -> None:
    try:
        sync_claimed(claim)
    except Exception as error:  # One installation's surprise (a key gone, a row locked) must not stop the others.
        logger.exception("sync of installation %s broke off", claim.installation.pk)
        settle_failure(claim, TransientError(f"internal error: {type(error).__name__}"))


def _fail(claim: Claim, error: GraphError | None) -> bool:
    is_gone = error is None or isinstance(error, DeadToken | NotVisible)
    if is_gone and claim.is_uninstall_pending:
        said = str(error) if error else "no access token is left"
        return apply(claim, Observation(UNINSTALLED), detail=f"uninstall notice received; {said}"[:500])
    settle_failure(claim, error)
    return False
