"""The regular look at every connection, in batches: what webhooks lost, this finds."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from features.claims import Claim, ClaimLost, claim_for_reconcile, release
from features.failures import settle_failure
from features.fetching import Observation
from features.graph import client_for
from features.sync import observe
from features.tokens import bury
from mbe.errors import DeadToken, GraphError, RateLimited
from mbe.fca import BusinessConfiguration
from mbe.graph import Subject
from mbe.installs import Installs

logger = logging.getLogger(__name__)

BATCH = 50
Answer = TypeVar("Answer", Installs, BusinessConfiguration)


def reconcile() -> int:
    """Look at every installation whose reconcile is due; how many were looked at."""
    handled = 0
    while claims := claim_for_reconcile(BATCH):
        _reconcile_batch(claims)
        handled += len(claims)
    return handled


def _reconcile_batch(claims: list[Claim]) -> None:
    """One batch of installs calls, one of feature configuration calls; whoever fails is left to a sync of its own."""
    client = client_for(claims[0].installation.meta_app)
    installs = _answers(claims, client.installs_batch)
    connected = [claim for claim, answer in installs if isinstance(answer, Installs) and answer.is_installed]
    configurations = dict(
        (claim.installation.pk, answer) for claim, answer in _answers(connected, client.feature_configuration_batch)
    )
    for claim, answer in installs:
        if isinstance(answer, GraphError):
            _hand_over(claim, answer)
        else:
            observe(claim, _observation(answer, configurations.get(claim.installation.pk)))


def _answers(
    claims: list[Claim], call: Callable[[Sequence[Subject]], list[Answer | GraphError]]
) -> list[tuple[Claim, Answer | GraphError]]:
    """The answer for each claim; Meta's refusal of the whole batch is everybody's answer."""
    held = [claim for claim in claims if _is_held(claim)]
    if not held:
        return []
    subjects = [Subject(claim.installation.business.external_business_id, claim.tokens[0].secret) for claim in held]
    try:
        return list(zip(held, call(subjects), strict=True))
    except GraphError as error:
        logger.warning("batch of %s refused: %s", len(held), error)
        return [(claim, error) for claim in held]


def _is_held(claim: Claim) -> bool:
    try:
        claim.keep()
    except ClaimLost:
        return False
    return True


def _observation(installs: Installs, configuration: BusinessConfiguration | GraphError | None) -> Observation:
    if isinstance(configuration, GraphError):
        return Observation(installs, configuration_error=configuration)
    return Observation(installs, configuration)


def _hand_over(claim: Claim, error: GraphError) -> None:
    """A limit is waited out; everything else is for a single sync, which knows the other token and every rule."""
    if isinstance(error, RateLimited):
        settle_failure(claim, error)
        return
    if isinstance(error, DeadToken):
        bury(claim.tokens[0], error)
    release(claim)
