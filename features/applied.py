"""A result as it was applied: whose, why, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from features.models import Cause, Change, Installation


@dataclass(frozen=True)
class Applied:
    """What a sync changed of one installation; without changes Meta said what was known already."""

    installation: Installation
    cause: Cause
    changes: Sequence[Change]
