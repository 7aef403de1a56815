"""A look at the claimed activations of an installation: handlers outside any transaction, results in a short one."""

import logging
import threading
from collections.abc import Iterable
from dataclasses import replace

from features.activation.calls import Calls
from features.activation.claims import Claim, claim_next, claim_one
from features.activation.handlers import ENDINGS, HANDLERS, NOTHING_TO_DO
from features.activation.handling import Look, Step, StepState
from features.activation.loading import looks
from features.activation.models import Activation
from features.activation.outcomes import (
    ENDED,
    ENDED_HALF,
    NO_API,
    Outcome,
    confirmed,
    outcome_of,
    outcome_of_error,
    words_of,
)
from features.activation.settling import settle
from features.activation.wake import workers
from features.claims import ClaimLost, pause
from features.fetching import NoUsableToken
from features.graph import assets_for
from mbe.errors import GraphError, NotVisible, PermissionMissing, RateLimited

logger = logging.getLogger(__name__)

# Of this process; the other workers are for syncs and pushes.
LANES = 2
_lanes = threading.BoundedSemaphore(LANES)
# An ending that Meta refuses, or that surprises us, is given up after so many tries.
MOST_TRIES_TO_END = 8

State = Activation.State


def drain() -> int:
    """Look at whatever is due until nothing is, in one of a few lanes of this process; how many installations."""
    handled = 0
    if not _lanes.acquire(blocking=False):
        return 0
    try:
        while (claim := claim_next()) is not None:
            workers.wake()  # One more lane, as long as there is one.
            run(claim)
            handled += 1
    finally:
        _lanes.release()
    return handled


def run_one(partner_id: int, installation_id: int) -> bool:
    """Look at what is due of this installation now; False when nothing was."""
    claim = claim_one(partner_id, installation_id)
    if claim is not None:
        run(claim)
    return claim is not None


def run(claim: Claim) -> None:
    """Look at the claimed activations, and write what came of it; a lost claim writes nothing."""
    try:
        calls = Calls(claim, assets_for(claim.installation.meta_app))
        outcomes = [(row, _look_at(row, look)) for row, look in looks(claim, calls)]
        if calls.app_limit is not None:
            pause(claim.installation.meta_app, calls.app_limit.wait_seconds)
        settle(claim, outcomes)
    except ClaimLost:
        logger.info("another worker looks at the activations of installation %s", claim.installation.pk)
    except Exception:  # Whatever is wrong with this one (a secret no key opens), the next one is looked at.
        logger.exception("the look at installation %s broke off", claim.installation.pk)


def _look_at(row: Activation, look: Look) -> Outcome:
    if look.feature.removed_at is not None:
        return _end(row, look)
    feature_type = look.feature.feature_type
    if feature_type in NOTHING_TO_DO:
        return outcome_of([Step(NO_API, StepState.NOTE)])
    handler = HANDLERS.get(feature_type)
    if handler is None:
        # A later version of the portal may know it.
        return replace(outcome_of(()), state=State.UNKNOWN)
    steps: list[Step] = []
    try:
        _collect(steps, handler(look))
    except ClaimLost:
        raise
    except Exception as error:  # One feature's failure touches no other, whatever it is.
        _log_surprise(error, row)
        return outcome_of_error(row, look, confirmed(steps, look), error)
    return outcome_of(confirmed(steps, look))


def _collect(steps: list[Step], given: Iterable[Step]) -> None:
    """Take the steps one by one, so that those before an error are kept."""
    for step in given:
        steps.append(step)


def _end(row: Activation, look: Look) -> Outcome:
    ending = ENDINGS.get(look.feature.feature_type)
    if row.state == State.ENDED or ending is None:
        return Outcome(State.ENDED, (Step(ENDED, StepState.NOTE),))
    try:
        ending(look)
    except ClaimLost:
        raise
    except Exception as error:  # As above.
        _log_surprise(error, row)
        return _end_not_reached(row, look, error)
    return Outcome(State.ENDED, (Step(ENDED, StepState.NOTE),))


def _end_not_reached(row: Activation, look: Look, error: Exception) -> Outcome:
    """Try again, unless nothing more can be done with what is left; then say so."""
    is_out_of_reach = isinstance(error, NoUsableToken | NotVisible | PermissionMissing)
    if is_out_of_reach or (row.failures >= MOST_TRIES_TO_END and not isinstance(error, RateLimited)):
        return Outcome(State.ENDED, (Step(ENDED_HALF, StepState.NOTE, detail=words_of(error)),))
    return replace(outcome_of_error(row, look, (), error), keeps=False)


def _log_surprise(error: Exception, row: Activation) -> None:
    if not isinstance(error, GraphError | NoUsableToken):
        logger.exception("handler of activation %s broke off", row.pk)
