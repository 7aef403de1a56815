"""Which login is worth exchanging for a system user's token, and for which permissions (meta-api §5.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from features.activation.permissions import lacking_a_permission
from features.claims import Claim
from features.fetching import Observation
from features.models import AccessToken, Installation
from mbe.catalog import BASE_SCOPE, FEATURE_TYPES
from mbe.graph import Subject, SystemUserWish
from partners.tenancy import tenant

Kind = AccessToken.Kind


@dataclass(frozen=True)
class Exchange:
    """A login's token that is to be exchanged; `own_scopes` are what it was given for itself, as far as is known."""

    claim: Claim
    login: AccessToken
    wish: SystemUserWish
    own_scopes: Sequence[str]
    # The system user's token that the business has; None where it has none yet.
    held: AccessToken | None

    @property
    def installation_id(self) -> int:
        """Whose it is."""
        return self.claim.installation.pk

    @property
    def promises_more(self) -> bool:
        """Whether the login may do more than the token that is held, as far as is known without asking Meta."""
        if self.held is None or (self.held.scopes and not set(self.own_scopes) <= set(self.held.scopes)):
            return True
        has_come_back = bool(self.login.scopes) and not self.login.scopes_are_granted
        return has_come_back or self.claim.installation.reason == Installation.Reason.PERMISSION

    @property
    def is_wider(self) -> bool:
        """Whether it asks for what an earlier login gave, too."""
        return set(self.wish.scopes) > set(self.own_scopes)

    def narrowed(self) -> "Exchange":
        """The same, asking for no more than this login was given for."""
        return replace(self, wish=replace(self.wish, scopes=self.own_scopes))


def worth_exchanging(seen: Iterable[tuple[Claim, Observation]]) -> list[Exchange]:
    """Those claims, of one partner, whose newest login may do more than the system user's token that they have.

    A login by which somebody has just come back from Meta always may: what was declined the last time may have been
    granted. Of one that came by webhook it is not known what it may do: it counts where features need what was never
    asked for, or where something waits for a permission.
    """
    found = [each for pair in seen if (each := _exchange(*pair))]
    doubtful = [each.installation_id for each in found if not each.promises_more]
    lacking = _lacking(found[0].login.partner_id, doubtful) if doubtful else set[int]()
    return [each for each in found if each.promises_more or each.installation_id in lacking]


def _exchange(claim: Claim, observation: Observation) -> Exchange | None:
    usable = [each for each in claim.tokens if each.dead_at is None and each.is_readable]
    held = next((each for each in usable if each.kind == Kind.SYSTEM_USER), None)
    login = _newest_untried([each for each in usable if each.kind == Kind.LOGIN], held)
    manager = observation.installs.business_manager_id
    if login is None or not manager:
        return None
    own = login.scopes or _needed({each.feature_type for each in observation.installs.features or ()})
    subject = Subject(claim.installation.business.external_business_id, login.secret)
    wish = SystemUserWish(manager, subject, list(dict.fromkeys([*own, *(held.scopes if held else ())])))
    return Exchange(claim, login, wish, own, held)


def _newest_untried(logins: Sequence[AccessToken], held: AccessToken | None) -> AccessToken | None:
    """The newest login of those that nobody has tried since; of one onboarding rather the one whose scopes we know.

    One that only a file brought may be older than any that Meta sent. Where none was ever tried, the system user's
    token that is there came another way: only a later login counts.
    """
    tried_at = max((each.received_at for each in logins if each.exchange_tried_at), default=None)
    if tried_at is None and held is not None:
        tried_at = held.received_at
    untried = [
        each for each in logins if each.exchange_tried_at is None and (tried_at is None or each.received_at > tried_at)
    ]
    return max(untried, key=lambda each: (each.is_from_meta, bool(each.scopes), each.received_at), default=None)


def _lacking(partner_id: int, installation_ids: Sequence[int]) -> set[int]:
    with tenant(partner_id):
        return lacking_a_permission(installation_ids)


def _needed(feature_types: Iterable[str]) -> list[str]:
    """What the installed features need: for a login whose scopes we never knew, since its token came by webhook."""
    needed = {scope for name in feature_types if name in FEATURE_TYPES for scope in FEATURE_TYPES[name].scopes}
    return [BASE_SCOPE, *sorted(needed)]
