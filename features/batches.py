"""One fetch for many claimed installations of one app: a batch of installs calls, then one of configuration calls."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from features.claims import Claim, ClaimLost
from features.fetching import Observation
from features.graph import client_for
from features.tokens import bury
from mbe.errors import DeadToken, GraphError, RateLimited, TransientError
from mbe.fca import BusinessConfiguration
from mbe.graph import Subject
from mbe.installs import Installs

logger = logging.getLogger(__name__)

BATCH = 50
# Single calls are what Meta documents; a batch is for crowds.
SMALLEST_BATCH = 10
Answer = TypeVar("Answer", Installs, BusinessConfiguration)
Seen = Observation | GraphError


def fetch_batch(claims: Sequence[Claim]) -> list[tuple[Claim, Seen]]:
    """What Meta said of each, or why it said nothing; takes up to 50 claims of one app, each with a token.

    A claim that was lost meanwhile is left out; Meta's refusal of the whole batch is everybody's answer.
    """
    client = client_for(claims[0].installation.meta_app)
    installs = _answers(claims, client.installs_batch)
    connected = [claim for claim, answer in installs if isinstance(answer, Installs) and answer.is_installed]
    configurations = dict[int, BusinessConfiguration | GraphError]()
    for claim, answer in _answers(connected, client.feature_configuration_batch):
        configurations[claim.installation.pk] = answer
        if isinstance(answer, DeadToken):
            # The installs are known: the next sync finds another token, or none.
            bury(claim.tokens.pop(0), answer)
    return [(claim, _seen(answer, configurations.get(claim.installation.pk))) for claim, answer in installs]


def _answers(
    claims: Sequence[Claim], call: Callable[[Sequence[Subject]], list[Answer | GraphError]]
) -> list[tuple[Claim, Answer | GraphError]]:
    held = [claim for claim in claims if _is_held(claim)]
    if not held:
        return []
    subjects = [Subject(claim.installation.business.external_business_id, claim.tokens[0].secret) for claim in held]
    try:
        return list(zip(held, call(subjects), strict=True))
    except RateLimited as limit:
        return [(claim, limit) for claim in held]
    except GraphError as error:
        # Said of the batch, whose own token is the app's: it proves nothing about anybody's token or permission.
        logger.warning("batch of %s refused: %s", len(held), error)
        return [(claim, TransientError(str(error))) for claim in held]


def _is_held(claim: Claim) -> bool:
    try:
        claim.keep()
    except ClaimLost:
        return False
    return True


def _seen(installs: Installs | GraphError, configuration: BusinessConfiguration | GraphError | None) -> Seen:
    if isinstance(installs, GraphError):
        return installs
    if isinstance(configuration, GraphError):
        return Observation(installs, configuration_error=configuration)
    return Observation(installs, configuration)
