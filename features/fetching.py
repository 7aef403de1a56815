"""One fetch of what is really installed: the installs API, then the feature configuration."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from features.claims import Claim
from features.models import AccessToken
from features.tokens import bury, put_last
from mbe.errors import DeadToken, GraphError, NotVisible
from mbe.fca import BusinessConfiguration
from mbe.graph import GraphClient
from mbe.installs import Installs

Answer = TypeVar("Answer")


class NoUsableToken(Exception):
    """Every token of the installation is dead, or none ever came; holds Meta's last words about one, if any."""

    def __init__(self, last_error: DeadToken | None = None) -> None:
        super().__init__(str(last_error or "no access token"))
        self.last_error = last_error


class Holder(Protocol):
    """Whoever has claimed an installation's work: `keep` renews the lease, or raises `ClaimLost`."""

    tokens: list[AccessToken]

    def keep(self) -> None:
        """Renew the lease before a further call."""


@dataclass(frozen=True)
class Observation:
    """What Meta said; without a `configuration` the recorded one stays, and the error says why."""

    installs: Installs
    configuration: BusinessConfiguration | None = None
    configuration_error: GraphError | None = None


def fetch(claim: Claim, client: GraphClient) -> Observation:
    """Fetch one installation outside any transaction; raises `GraphError`, `NoUsableToken` or `ClaimLost`."""
    external_id = claim.installation.business.external_business_id
    installs = with_tokens(claim, lambda token: client.installs(external_id, token))
    if not installs.is_installed:
        return Observation(installs)
    try:
        configuration = with_tokens(claim, lambda token: client.feature_configuration(external_id, token))
    except GraphError as error:
        return Observation(installs, configuration_error=error)
    except NoUsableToken as none_left:
        return Observation(installs, configuration_error=none_left.last_error)
    return Observation(installs, configuration)


def with_tokens(claim: Holder, call: Callable[[str], Answer]) -> Answer:
    """Call with the living tokens in order; each that Meta refuses (190) is buried at once.

    Where Meta does not show the business to one, another may be the business's own. Raises what the call raises,
    `NoUsableToken`, or `ClaimLost`.
    """
    last_error, not_visible = None, None
    blind = list[AccessToken]()
    for token in list(claim.tokens):
        claim.keep()
        try:
            answer = call(token.secret)
        except DeadToken as error:
            bury(token, error)
            claim.tokens.remove(token)
            last_error = error
        except NotVisible as error:
            blind.append(token)
            not_visible = error
        else:
            put_last(blind)
            return answer
    raise not_visible or NoUsableToken(last_error)
