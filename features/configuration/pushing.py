"""Push (us to Meta) of whatever is due, in a few lanes of each process."""

import logging
import threading

from features.claims import ClaimLost
from features.configuration.claims import Claim, claim_next, claim_one, due
from features.configuration.ending import settle
from features.configuration.trips import Trip
from features.configuration.wake import workers
from features.fetching import NoUsableToken
from mbe.errors import GraphError, TransientError
from partners.encryption import UnknownKey
from partners.tenancy import platform

logger = logging.getLogger(__name__)

LANES = 4
_lanes = threading.BoundedSemaphore(LANES)


def drain() -> int:
    """Push whatever is due until nothing is, in one of a few lanes of this process; how many installations had some.

    A lane is left before the last look, so that a plan never finds every lane taken by workers about to stop.
    """
    handled = 0
    while _is_any_due() and _lanes.acquire(blocking=False):
        workers.wake()  # One more lane, as long as there is one.
        try:
            in_this_lane = _push_in_turn()
        finally:
            _lanes.release()
        if not in_this_lane:
            # What is due is being locked by another lane, or by somebody who wakes the workers next.
            break
        handled += in_this_lane
    return handled


def push_one(partner_id: int, installation_id: int) -> bool:
    """Push what is due of this installation now; False when nothing is, or another worker has it."""
    claim = claim_one(partner_id, installation_id)
    if claim is None:
        return False
    push_claimed(claim)
    return True


def push_claimed(claim: Claim) -> None:
    """Bring a claim's pushes to Meta and write what came of it; Meta's errors end up in the rows."""
    trip = Trip(claim)
    try:
        trip.go()
    except ClaimLost:
        return
    except NoUsableToken as none_left:
        settle(trip, none_left.last_error, is_without_token=True)
    except GraphError as error:
        settle(trip, error)
    except UnknownKey as error:
        # Nothing is wrong with token or plan: it goes on when the key is back.
        settle(trip, TransientError(str(error)))
    except Exception as error:  # One installation's surprise must not stop the others.
        logger.exception("push of installation %s broke off", claim.installation.pk)
        settle(trip, TransientError(f"internal error: {type(error).__name__}"))
    else:
        settle(trip)


def _is_any_due() -> bool:
    with platform():
        return due().exists()


def _push_in_turn() -> int:
    handled = 0
    while claim := claim_next():
        push_claimed(claim)
        handled += 1
    return handled
