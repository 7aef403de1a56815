"""Sync (Meta to us) of claimed installations: fetch, then apply or settle the failure."""

import logging
import threading
from collections.abc import Sequence

from features.applying import apply, apply_all
from features.batches import BATCH, SMALLEST_BATCH, Seen, fetch_batch
from features.claims import Claim, ClaimLost, claim_due, claim_imported, claim_one, due, waited_for
from features.exchanging import gain_system_user_tokens
from features.failures import settle_failure
from features.fetching import NoUsableToken, Observation, fetch
from features.graph import client_for
from features.models import Cause
from features.own_reasons import own_reason
from features.tokens import bury
from features.wake import workers
from mbe.errors import DeadToken, GraphError, NotVisible, RateLimited, TransientError
from mbe.installs import Installs
from partners.encryption import UnknownKey
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
    except UnknownKey as error:
        # Nothing is wrong with token or connection: it goes on when the key is back.
        return _fail(claim, TransientError(str(error)))
    return bool(observe_all([(claim, observation)]))


def observe_all(seen: Sequence[tuple[Claim, Observation]]) -> set[int]:
    """Apply what was seen, of one partner, and gain system user tokens where there are none; the ids of the applied."""
    applied = apply_all(seen)
    gain_system_user_tokens(
        [
            (claim, observation)
            for claim, observation in seen
            if claim.installation.pk in applied and observation.installs.is_installed
        ]
    )
    return applied


def sync_one(partner_id: int, installation_id: int) -> bool:
    """Sync this installation now if it is due; False when nothing was applied."""
    claim = claim_one(partner_id, installation_id)
    return claim is not None and sync_claimed(claim)


def drain() -> int:
    """Sync whatever is due until nothing is, in one of a few lanes of this process; how many were handled.

    A lane is left before the last look, so that a hint never finds every lane taken by workers about to stop.
    """
    handled = 0
    while _is_any_due() and _lanes.acquire(blocking=False):
        workers.wake()  # One more lane, as long as there is one.
        try:
            in_this_lane = _sync_shares()
        finally:
            _lanes.release()
        if not in_this_lane:
            # What is due is being locked by another lane, or by a hint whose sender wakes the workers next.
            break
        handled += in_this_lane
    return handled


def _sync_shares() -> int:
    handled = 0
    while claims := _claim_share():
        _sync_share(claims)
        handled += len(claims)
    return handled


def _is_any_due() -> bool:
    with platform():
        return due().exists()


def _claim_share() -> list[Claim]:
    """A few that are waited for are claimed one by one; of a crowd each lane takes its share; imports fill batches."""
    with platform():
        share = -(-waited_for()[: LANES * BATCH].count() // LANES)
    return claim_due(share if share >= SMALLEST_BATCH else 1) or claim_imported(BATCH)


def _sync_share(claims: list[Claim]) -> None:
    seen = _fetch_share(claims)
    handled = observe_together([(claim, seen.get(claim.installation.pk)) for claim in claims])
    for claim in claims:
        if claim.installation.pk not in handled:
            _sync_whatever_happens(claim, seen.get(claim.installation.pk))


def observe_together(seen: Sequence[tuple[Claim, Seen | None]]) -> set[int]:
    """Apply all observations among these in one transaction; the ids of those that need nothing more."""
    observed = [(claim, each) for claim, each in seen if isinstance(each, Observation)]
    if not observed:
        return set()
    try:
        observe_all(observed)
    except Exception:  # One installation's surprise: alone, each has only its own.
        logger.exception("%s results could not be applied together; applying one by one", len(observed))
        return set()
    return {claim.installation.pk for claim, _ in observed}


def _fetch_share(claims: list[Claim]) -> dict[int, Seen]:
    """What one batch saw of each; nothing where there is nobody to share it with."""
    usable = [claim for claim in claims if claim.tokens]
    if len(usable) < 2:
        return {}
    try:
        return {claim.installation.pk: seen for claim, seen in fetch_batch(usable)}
    except Exception:  # One installation's surprise (a key gone): alone, each has only its own.
        logger.exception("a batch of %s broke off; syncing one by one", len(usable))
        return {}


def _sync_whatever_happens(claim: Claim, seen: Seen | None) -> None:
    try:
        _sync_seen(claim, seen)
    except Exception as error:  # One installation's surprise (a key gone, a row locked) must not stop the others.
        logger.exception("sync of installation %s broke off", claim.installation.pk)
        settle_failure(claim, TransientError(f"internal error: {type(error).__name__}"))


def _sync_seen(claim: Claim, seen: Seen | None) -> bool:
    """Apply what a batch saw; where it saw nothing, calls of its own know the other tokens and every rule."""
    if isinstance(seen, Observation):
        return bool(observe_all([(claim, seen)]))
    if isinstance(seen, RateLimited):
        return _fail(claim, seen)
    if isinstance(seen, DeadToken):
        bury(claim.tokens.pop(0), seen)
        if not claim.tokens:
            return _fail(claim, seen)
    return sync_claimed(claim)


def _fail(claim: Claim, error: GraphError | None) -> bool:
    is_gone = error is None or isinstance(error, DeadToken | NotVisible)
    if is_gone and claim.is_uninstall_pending:
        return apply(claim, Observation(UNINSTALLED), detail=_why_gone(claim, error)[:500])
    settle_failure(claim, error)
    return False


def _why_gone(claim: Claim, error: GraphError | None) -> str:
    expected_by = "asked" if claim.cause == Cause.UNINSTALL else "noticed"
    return own_reason(expected_by, str(error)) if error else own_reason(f"{expected_by}_last")
