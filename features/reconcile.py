"""The regular look at every connection, in batches: what webhooks lost, this finds."""

import logging

from features.batches import BATCH, Seen, fetch_batch
from features.claims import Claim, claim_for_reconcile, release
from features.failures import settle_failure
from features.sync import observe_together
from features.tokens import bury
from mbe.errors import DeadToken, RateLimited

logger = logging.getLogger(__name__)


def reconcile() -> int:
    """Look at every installation whose reconcile is due; how many were looked at."""
    handled = 0
    while claims := claim_for_reconcile(BATCH):
        _reconcile_batch(claims)
        handled += len(claims)
    return handled


def _reconcile_batch(claims: list[Claim]) -> None:
    """Apply what one batch saw; whoever fails is left to a sync of its own."""
    try:
        seen = fetch_batch(claims)
    except Exception:  # One installation's surprise (a key gone): each has a sync of its own.
        logger.exception("a reconcile of %s broke off", len(claims))
        for claim in claims:
            release(claim)
        return
    handled = observe_together(seen)
    for claim, each in seen:
        if claim.installation.pk not in handled:
            _hand_over(claim, each)


def _hand_over(claim: Claim, seen: Seen) -> None:
    """A limit is waited out; everything else is for a single sync, which knows the other token and every rule."""
    if isinstance(seen, RateLimited):
        settle_failure(claim, seen)
        return
    if isinstance(seen, DeadToken):
        bury(claim.tokens[0], seen)
    release(claim)
