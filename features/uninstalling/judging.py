"""What comes next for an uninstall, by what was sent, what was seen since, and whether the business came back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from features.models import Feature, Installation
from features.uninstalling.models import Uninstall

State, Reason = Uninstall.State, Uninstall.Reason

# After so many looks that still show it the call is made once more; the waits between them double up to five minutes.
LOOKS_OF_A_CALL = 8
MOST_CALLS = 2
PATIENCE = timedelta(days=1)


class Step(Enum):
    """What a worker does next."""

    CALL = auto()
    LOOK = auto()
    WAIT = auto()


@dataclass(frozen=True)
class End:
    """Nothing more is to be done, and why."""

    state: Uninstall.State
    reason: str = ""


def next_of(row: Uninstall, installation: Installation, feature: Feature | None, now: datetime) -> Step | End:
    """Judge an open uninstall by the records as they are."""
    if is_gone(installation, feature):
        return End(State.GONE, "" if row.sent_at else Reason.GONE_BEFORE)
    is_anew = row.connected_anew_at is not None
    is_read = installation.applied_generation >= row.looked_generation
    if not is_read:
        is_over = installation.is_stopped or now - (row.sent_at or row.asked_at) > PATIENCE
        return _unread(row, is_anew=is_anew) if is_over else Step.WAIT
    if is_anew:
        return End(State.CALLED_OFF, Reason.CONNECTED_ANEW)
    if row.state == State.REQUESTED:
        return Step.CALL
    if row.looks < LOOKS_OF_A_CALL * row.calls:
        return Step.LOOK
    is_patient = now - (row.acknowledged_at or now) <= PATIENCE
    return Step.CALL if row.calls < MOST_CALLS and is_patient else End(State.UNCONFIRMED, Reason.STILL_SHOWN)


def is_gone(installation: Installation, feature: Feature | None) -> bool:
    """Whether the records say so.

    The whole connection is gone when the installs API answered that nothing is installed. One feature is gone when that
    API no longer lists it, or when the feature configuration has it switched off: no source says which of the two
    becomes of what is posted with `enabled: false` (meta-api, 4.1 and 7).
    """
    if installation.state == Installation.State.DISCONNECTED:
        return True
    return feature is not None and (feature.removed_at is not None or feature.is_enabled is False)


def _unread(row: Uninstall, *, is_anew: bool) -> End:
    if is_anew:
        return End(State.CALLED_OFF, Reason.CONNECTED_ANEW)
    return End(State.UNCONFIRMED, Reason.UNREAD if row.acknowledged_at else Reason.UNANSWERED)
