"""What handlers' steps, and Meta's errors, say of an activation: its state, who has to act, when to look again."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from features.activation.handling import Actor, Look, Step, StepState
from features.activation.models import Activation
from features.failures import retry_seconds
from features.fetching import NoUsableToken
from mbe.catalog import BASE_SCOPE, FEATURE_TYPES
from mbe.errors import GraphError, NotVisible, PermissionMissing, RateLimited

State = Activation.State

DAY = timedelta(days=1)
# Whoever ends the waiting asks for a look; this is for what nobody tells us.
HOUR = timedelta(hours=1)
# What worked is called failed when it was out of reach this often in a row.
MOST_BLIPS = 2
LONGEST_DETAIL = 500
# One code for each way in which a look can end before its handler does.
PERMISSION, TOKEN, NOT_VISIBLE, REFUSED = "permission", "token", "not_visible", "refused"
UNREACHABLE, INTERNAL, LIMIT, NO_API, ENDED, ENDED_HALF = (
    "unreachable",
    "internal",
    "limit",
    "nothing_to_do",
    "ended",
    "ended_half",
)
Trouble = GraphError | NoUsableToken | Exception


@dataclass(frozen=True)
class Outcome:
    """How a look ended. `again`: None where nothing is left to look at; `keeps`: what was known before still holds.

    `must_wait`: nobody may look before `again`. `is_failure` counts towards the next, longer wait.
    """

    state: str
    steps: tuple[Step, ...] = ()
    actor: str = ""
    again: timedelta | None = None
    must_wait: bool = False
    keeps: bool = False
    is_failure: bool = False


def words_of(error: Exception) -> str:
    """Meta's words about an error, those for people first; of our own surprises only the kind."""
    if isinstance(error, GraphError):
        return (error.user_message or str(error))[:LONGEST_DETAIL]
    if isinstance(error, NoUsableToken):
        return str(error.last_error or "")[:LONGEST_DETAIL]
    return type(error).__name__


def confirmed(steps: Sequence[Step], look: Look) -> tuple[Step, ...]:
    """The steps, with those done that only a person can check, once one has."""
    return tuple(
        replace(step, state=StepState.DONE, actor="")
        if look.confirmed and step.is_confirmable and step.state == StepState.TO_DO
        else step
        for step in steps
    )


def outcome_of(steps: Sequence[Step]) -> Outcome:
    """What the steps come to: one that failed outweighs one to do, that outweighs one that waits."""
    states = [step.state for step in steps]
    if StepState.FAILED in states:
        return Outcome(State.FAILED, tuple(steps), again=_spread(DAY))
    if StepState.TO_DO in states:
        actor = next(step.actor for step in steps if step.state == StepState.TO_DO)
        return Outcome(State.ACTION_NEEDED, tuple(steps), actor, again=_spread(DAY))
    if StepState.WAITING in states:
        return Outcome(State.PENDING, tuple(steps), again=_spread(HOUR))
    return Outcome(State.ACTIVE, tuple(steps), again=_spread(DAY))


def outcome_of_error(row: Activation, look: Look, steps: Sequence[Step], error: Trouble) -> Outcome:
    """What a look comes to that an error broke off, after these steps."""
    if isinstance(error, RateLimited):
        again = timedelta(seconds=error.wait_seconds)
        waits = (Step(LIMIT, StepState.WAITING, detail=words_of(error)),)
        keeps = row.state not in (State.PENDING, State.FAILED)
        return Outcome(State.PENDING, (*steps, *waits), again=again, must_wait=True, keeps=keeps)
    if is_passing(error):
        again = timedelta(seconds=retry_seconds(row.failures))
        keeps = row.state == State.ACTIVE and row.failures < MOST_BLIPS
        return Outcome(State.FAILED, (*steps, _step_of(error, look)), again=again, keeps=keeps, is_failure=True)
    return outcome_of((*steps, _step_of(error, look)))


def is_passing(error: Trouble) -> bool:
    """Whether to try again soon may help: what Meta says for good, a further try does not change."""
    return error.is_retryable if isinstance(error, GraphError) else not isinstance(error, NoUsableToken)


def _step_of(error: Trouble, look: Look) -> Step:
    words = words_of(error)
    if isinstance(error, NoUsableToken):
        return Step(TOKEN, StepState.TO_DO, detail=words, actor=Actor.MERCHANT)
    if isinstance(error, PermissionMissing):
        facts = {"scopes": _missing_scopes(look)}
        return Step(PERMISSION, StepState.TO_DO, facts, words, Actor.MERCHANT)
    if isinstance(error, NotVisible):
        return Step(NOT_VISIBLE, StepState.TO_DO, detail=words, actor=Actor.MERCHANT)
    if isinstance(error, GraphError):
        return Step(UNREACHABLE if error.is_retryable else REFUSED, StepState.FAILED, detail=words)
    return Step(INTERNAL, StepState.FAILED, detail=words)


def _missing_scopes(look: Look) -> list[str]:
    """Which of the feature type's permissions the tokens lack; all of them where Meta does not say."""
    known = FEATURE_TYPES.get(look.feature.feature_type)
    needed = {BASE_SCOPE, *(known.scopes if known else ())}
    try:
        return look.calls.lacking(needed)
    except (GraphError, NoUsableToken):
        return sorted(needed)


def _spread(period: timedelta) -> timedelta:
    return period * random.uniform(0.85, 1.15)
