"""What Meta says of several tokens, asked in as few requests as it takes (meta-api, 5.4)."""

import logging
from collections.abc import Callable, Sequence

from mbe.assets import AssetClient, TokenFacts
from mbe.batches import MAX_OPERATIONS
from mbe.errors import GraphError

logger = logging.getLogger(__name__)

_OF_THE_APP = 190


def facts_of(client: AssetClient, secrets: Sequence[str]) -> list[TokenFacts | GraphError]:
    """What it says of each, in their order, or the error that it answers; single calls where it refuses a batch.

    Raises GraphError where Meta is to be asked again later, and where it refuses the app's own token.
    """
    portions = [secrets[start : start + MAX_OPERATIONS] for start in range(0, len(secrets), MAX_OPERATIONS)]
    return [answer for portion in portions for answer in _answers(client, portion)]


def known_facts(client: AssetClient, secrets: Sequence[str]) -> dict[str, TokenFacts]:
    """What it says of each, by the token; without those of which it says nothing now."""
    try:
        answers = facts_of(client, secrets) if secrets else []
    except GraphError as error:
        logger.info("what %s tokens may do is not known: %s", len(secrets), error)
        return {}
    return {secret: each for secret, each in zip(secrets, answers, strict=True) if isinstance(each, TokenFacts)}


def _answers(client: AssetClient, secrets: Sequence[str]) -> list[TokenFacts | GraphError]:
    try:
        return client.token_facts_batch(secrets)
    except GraphError as error:
        if error.is_retryable or error.code == _OF_THE_APP:
            raise
    return [_alone(client.token_facts, each) for each in secrets]


def _alone(ask: Callable[[str], TokenFacts], secret: str) -> TokenFacts | GraphError:
    try:
        return ask(secret)
    except GraphError as error:
        return error
