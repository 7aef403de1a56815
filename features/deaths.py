"""What an installation is told of the death of its token, by the subcode that came with Meta's refusal."""

from features.models import Installation
from mbe import deaths

Reason = Installation.Reason

REASONS: dict[int, Installation.Reason] = {
    deaths.APP_REMOVED: Reason.APP_REMOVED,
    deaths.PASSWORD_CHANGED: Reason.PASSWORD_CHANGED,
    deaths.EXPIRED: Reason.TOKEN_EXPIRED,
    deaths.INVALID: Reason.LOGGED_OUT,
}


def reason_of(subcode: int | None) -> Installation.Reason:
    """The plain reason; where Meta gave none that we know, only that the token is dead."""
    return Reason.TOKEN_DEAD if subcode is None else REASONS.get(subcode, Reason.TOKEN_DEAD)
