"""Asking Meta how it goes with the batches on their way."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from catalogs.batching import doubt, finish, unfinished
from catalogs.claims import Claim
from catalogs.models import ItemBatch
from mbe.assets import AssetClient, BatchStatus
from mbe.errors import Refused, TransientError

# After so long Meta may have forgotten a batch.
STALE = timedelta(hours=1)
# And so long nothing is worked on.
HOPELESS = timedelta(days=1)

FIRST_WAIT_SECONDS = 2.0
LAST_WAIT_SECONDS = 60.0


def doubt_unsent(claim: Claim) -> None:
    """Forget the batches without handles: whoever wrote them down died before Meta's answer was kept."""
    for batch in unfinished(claim):
        if batch.sent_at is None:
            doubt(claim, batch)


def poll(claim: Claim, client: AssetClient) -> tuple[int, int]:
    """Ask about every batch on its way; how many have been finished, and how many have not.

    Raises `GraphError`, `NoUsableToken` or `ClaimLost`. A batch that Meta has given up, or has forgotten, is doubted.
    """
    finished = 0
    batches = unfinished(claim)
    for batch in batches:
        statuses = _statuses(claim, client, batch)
        if all(each.is_finished for each in statuses):
            finish(claim, batch, statuses)
            finished += 1
        elif any(each.has_failed for each in statuses) or _age(batch) > HOPELESS:
            doubt(claim, batch)
            raise TransientError(f"Meta did not finish a batch of items: {statuses[-1].status}")
    return finished, len(batches) - finished


def seconds_to_next_poll(batches: Sequence[ItemBatch]) -> float:
    """How long to leave the batches to Meta: the longer, the older they are."""
    oldest = max((_age(each).total_seconds() for each in batches), default=0.0)
    return min(max(FIRST_WAIT_SECONDS, oldest / 2), LAST_WAIT_SECONDS)


def _statuses(claim: Claim, client: AssetClient, batch: ItemBatch) -> list[BatchStatus]:
    try:
        return [_status(claim, client, handle) for handle in batch.handles]
    except Refused as error:
        doubt(claim, batch)
        if _age(batch) > STALE:
            raise TransientError(f"Meta no longer knows a batch of items: {error}") from None
        raise


def _status(claim: Claim, client: AssetClient, handle: str) -> BatchStatus:
    return claim.call(lambda token: client.batch_status(claim.catalog.catalog_id, token, handle))


def _age(batch: ItemBatch) -> timedelta:
    return timezone.now() - (batch.sent_at or batch.made_at)
