"""What became of the businesses that saw an entry point, for each arm of its rollout.

The unit is the business. It counts once, in the arm in which it saw the button (or started) first; what it did in the
other arm after the percentage changed is left out, and those that met it unconnected are told of as moved. Of several
attempts the best counts: returned, then cancelled, then failed, then not come back: who starts at Meta and cancels
there is never heard of. Businesses whose arm staff chose are in neither arm, nor are those that met a chosen one before
staff took the choice back.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from golive.rollout.intervals import Estimate, mean, middle_ranks
from golive.rollout.statements import COUNTS, MINUTES
from onboarding.models import EntryPoint
from partners.tenancy import tenant

# In the order of the statement's columns.
_STEPS = ("shown", "started", "returned", "cancelled", "failed", "open", "connected", "moved")


@dataclass(frozen=True)
class Arm:
    """One arm: how many businesses came how far; `moved` are those that met the other arm before they connected.

    `features` is the mean of what the connected ones have on now, `minutes` the median from the first start to the
    connection; None where too few are connected for an interval.
    """

    is_minimal: bool
    shown: int = 0
    started: int = 0
    returned: int = 0
    cancelled: int = 0
    failed: int = 0
    open: int = 0
    connected: int = 0
    moved: int = 0
    features: Estimate | None = None
    minutes: Estimate | None = None


@dataclass(frozen=True)
class Funnel:
    """Both arms of an entry point, and how many businesses are left out because staff chose their arm."""

    new: Arm
    old: Arm
    left_out: int

    @property
    def moved(self) -> int:
        """How many businesses met the other arm, too, before they connected in the one in which they count."""
        return self.new.moved + self.old.moved


def funnel_of(entry_point: EntryPoint) -> Funnel:
    """Count the funnel of an entry point, as of now, with at most two statements."""
    arms, left_out = {True: Arm(True), False: Arm(False)}, 0
    asked = {"entry_point": entry_point.pk, "meta_app": entry_point.meta_app_id}
    with tenant(entry_point.partner_id), connection.cursor() as cursor:
        cursor.execute(COUNTS, asked)
        for is_chosen, is_minimal, *steps, average, deviation in cursor.fetchall():
            if is_chosen:
                left_out += steps[0]
            else:
                arm = replace(arms[is_minimal], **dict(zip(_STEPS, steps, strict=True)))
                arms[is_minimal] = replace(arm, features=mean(arm.connected, average, deviation))
        ranks = {is_minimal: middle_ranks(arm.connected) for is_minimal, arm in arms.items()}
        if any(ranks.values()):
            cursor.execute(MINUTES, {**asked, **_shares("new", arms[True]), **_shares("old", arms[False])})
            for is_minimal, value, low, high in cursor.fetchall():
                minutes = Estimate(value, low, high) if ranks[is_minimal] else None
                arms[is_minimal] = replace(arms[is_minimal], minutes=minutes)
    return Funnel(arms[True], arms[False], left_out)


def _shares(name: str, arm: Arm) -> dict[str, Any]:
    """The two ranks of the median's interval as shares: just below a rank's own, so that rounding cannot miss it."""
    low, high = middle_ranks(arm.connected) or (1, 1)
    total = max(arm.connected, 1)
    return {f"{name}_low": (low - 0.5) / total, f"{name}_high": (high - 0.5) / total}
