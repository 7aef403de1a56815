"""The regular look at every connection, in batches: what webhooks lost, this finds."""

from features.batches import BATCH, fetch_batch
from features.claims import Claim, claim_for_reconcile, release
from features.failures import settle_failure
from features.sync import observe
from features.tokens import bury
from mbe.errors import DeadToken, GraphError, RateLimited


def reconcile() -> int:
    """Look at every installation whose reconcile is due; how many were looked at."""
    handled = 0
    while claims := claim_for_reconcile(BATCH):
        _reconcile_batch(claims)
        handled += len(claims)
    return handled


def _reconcile_batch(claims: list[Claim]) -> None:
    """Apply what one batch saw; whoever fails is left to a sync of its own."""
    for claim, seen in fetch_batch(claims):
        if isinstance(seen, GraphError):
            _hand_over(claim, seen)
        else:
            observe(claim, seen)


def _hand_over(claim: Claim, error: GraphError) -> None:
    """A limit is waited out; everything else is for a single sync, which knows the other token and every rule."""
    if isinstance(error, RateLimited):
        settle_failure(claim, error)
        return
    if isinstance(error, DeadToken):
        bury(claim.tokens[0], error)
    release(claim)
