"""One fetch of what is really installed: the installs API, then the feature configuration."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from features.claims import Claim
from features.models import AccessToken
from features.tokens import bury, put_last
from mbe.errors import DeadToken, GraphError, NotVisible, PermissionMissing, TransientError
from mbe.fca import BusinessConfiguration
from mbe.graph import GraphClient
from mbe.installs import Installs
from partners.encryption import UnknownKey

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
    refused = dict[AccessToken, GraphError]()
    installs = with_tokens(claim, lambda token: client.installs(external_id, token), refused)
    put_last(refused)
    if not installs.is_installed:
        return Observation(installs)
    try:
        configuration = with_tokens(claim, lambda token: client.feature_configuration(external_id, token))
    except GraphError as error:
        return Observation(installs, configuration_error=error)
    except NoUsableToken as none_left:
        return Observation(installs, configuration_error=none_left.last_error)
    except UnknownKey as error:
        return Observation(installs, configuration_error=TransientError(str(error)))
    return Observation(installs, configuration)


def with_tokens(
    claim: Holder, call: Callable[[str], Answer], refused: dict[AccessToken, GraphError] | None = None
) -> Answer:
    """Call with the living tokens in order; each that Meta refuses (190) is buried at once.

    Where Meta does not show the business to one, or misses a permission of it, another may be better; `refused` gathers
    those with what Meta said. Two that miss a permission are enough to know. Raises what the call raises,
    `NoUsableToken`, or `ClaimLost`.
    """
    dead: DeadToken | None = None
    missing: PermissionMissing | None = None
    unseen: NotVisible | None = None
    locked: UnknownKey | None = None
    for token in list(claim.tokens):
        claim.keep()
        try:
            return call(token.secret)
        except DeadToken as error:
            bury(token, error)
            claim.tokens.remove(token)
            dead = error
        except (NotVisible, PermissionMissing) as error:
            if isinstance(error, NotVisible):
                unseen = error
            elif missing:
                raise
            else:
                missing = error
            if refused is not None:
                refused[token] = error
        except UnknownKey as error:
            locked = error
    # A business that is seen with too few permissions is there; what Meta said counts before what could not be asked.
    raise missing or unseen or locked or NoUsableToken(dead)
