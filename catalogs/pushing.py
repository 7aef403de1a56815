"""Push (us to Meta) of a business's products: each catalog is compared, told what differs, and asked how it went."""

import logging
import threading
import time
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from catalogs.batching import count_again, note_sent, take_back, unfinished, write_next
from catalogs.batching import doubt as doubt_batch
from catalogs.claims import Claim, ClaimLost, claim_due, due, held, locked
from catalogs.differing import Place
from catalogs.failing import settle_failure
from catalogs.finding import features_with
from catalogs.forgetting import forget
from catalogs.models import Catalog
from catalogs.polling import doubt_unsent, poll, seconds_to_next_poll
from catalogs.wake import POLL_SECONDS, pushers, pushers_later
from features.activation.asking import ask as ask_for_activation
from features.fetching import NoUsableToken
from features.graph import assets_for
from features.models import Cause
from mbe.assets import AssetClient
from mbe.errors import GraphError, TransientError
from partners.encryption import UnknownKey
from partners.tenancy import platform, tenant

logger = logging.getLogger(__name__)

LANES = 2
# Batches that Meta works on at a time.
MOST_ON_THEIR_WAY = 4
# Between two polls of one look; a look at which Meta finishes nothing ends, so that others have their turn.
PAUSES = (0.2, 0.4, 0.8, 1.6)
LONGEST_LOOK_SECONDS = 60.0

_lanes = threading.BoundedSemaphore(LANES)


def drain() -> int:
    """Look at whatever is due until nothing is, in one of a few lanes of this process; how many looks there were.

    A lane is left before the last look, so that a request never finds every lane taken by workers about to stop.
    """
    looks = 0
    while _is_any_due() and _lanes.acquire(blocking=False):
        pushers.wake()  # One more lane, as long as there is one.
        try:
            in_this_lane = _look_at_all()
        finally:
            _lanes.release()
        if not in_this_lane:
            break
        looks += in_this_lane
    return looks


def push(claim: Claim) -> None:
    """Bring one claimed catalog in step, or as far as Meta lets it; its errors end up in the record."""
    try:
        if claim.catalog.is_to_forget:
            # One that has come back is due again after it.
            forget(claim)
        else:
            _Look(claim).bring_in_step()
    except ClaimLost:
        return
    except NoUsableToken as none_left:
        settle_failure(claim, none_left.last_error)
    except GraphError as error:
        settle_failure(claim, error)
    except UnknownKey as error:
        # Nothing is wrong with token or connection: it goes on when the key is back.
        settle_failure(claim, TransientError(str(error)))


class _Look:
    """One look at one catalog."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._client: AssetClient = assets_for(claim.catalog.installation.meta_app)
        self._place = Place()
        self._ends_at = time.monotonic() + LONGEST_LOOK_SECONDS
        self._is_told_all = False

    def bring_in_step(self) -> None:
        """Send and poll until nothing differs, until Meta lets wait, or until others should have their turn."""
        doubt_unsent(self._claim)
        count_again(self._claim)
        on_their_way = len(unfinished(self._claim))
        pauses = iter(PAUSES)
        while True:
            on_their_way += self._send(MOST_ON_THEIR_WAY - on_their_way)
            if not on_their_way:
                return self._settle()
            pause = next(pauses, None)
            if pause is None or time.monotonic() > self._ends_at:
                return self._leave_to_meta()
            time.sleep(pause)
            finished, on_their_way = poll(self._claim, self._client)
            if finished:
                pauses = iter(PAUSES)
            if not on_their_way:
                # What has changed during its way is behind the place.
                self._place, self._is_told_all = Place(), False

    def _send(self, most: int) -> int:
        """Send up to so many further batches; how many were sent."""
        for sent in range(most):
            if self._is_told_all or not self._send_next():
                self._is_told_all = True
                return sent
        return most

    def _send_next(self) -> bool:
        claim = self._claim
        claim.keep()
        batch = write_next(claim, self._place)
        if batch is None:
            return False
        try:
            answer = claim.call(lambda token: self._client.items_batch(claim.catalog.catalog_id, token, batch.requests))
        except TransientError:
            # It may have arrived, or not.
            doubt_batch(claim, batch.row)
            raise
        except (GraphError, NoUsableToken):
            take_back(claim, batch.row)
            raise
        note_sent(claim, batch.row, answer)
        return True

    def _settle(self) -> None:
        count_again(self._claim)
        with tenant(self._claim.partner_id):
            catalog = locked(self._claim)
            if catalog.requested != self._claim.requested:
                held(self._claim).update(claimed_until=None, due_at=Now())
                return
            if catalog.state == Catalog.State.PUSHING or catalog.confirmed_at is None:
                # Whatever works through this catalog may work now.
                ask_for_activation(features_with(catalog), Cause.PUSH)
            held(self._claim).update(
                claimed_until=None,
                state=Catalog.State.IN_STEP,
                due_at=None,
                not_before=None,
                confirmed_at=Now(),
                failures=0,
                reason="",
                detail="",
            )

    def _leave_to_meta(self) -> None:
        batches = unfinished(self._claim)
        seconds = seconds_to_next_poll(batches) if batches else 0
        with tenant(self._claim.partner_id):
            locked(self._claim)
            held(self._claim).update(claimed_until=None, due_at=Now() + timedelta(seconds=seconds))
            if seconds <= POLL_SECONDS:
                transaction.on_commit(pushers_later.wake)


def _look_at_all() -> int:
    looks = 0
    while claim := claim_due():
        _push_whatever_happens(claim)
        looks += 1
    return looks


def _push_whatever_happens(claim: Claim) -> None:
    try:
        push(claim)
    except Exception as error:  # One catalog's surprise (a row locked, a bug) must not stop the others.
        logger.exception("push to catalog %s broke off", claim.catalog.pk)
        settle_failure(claim, TransientError(f"internal error: {type(error).__name__}"))


def _is_any_due() -> bool:
    with platform():
        return due().exists()
