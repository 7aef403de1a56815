"""Which businesses get the v3 menu: an entry point's rollout, deterministic by business and sticky as it grows."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from onboarding.models import ArmOverride, EntryPoint
from partners.models import Business

BUCKETS = 10_000


@dataclass(frozen=True)
class Assignment:
    """The arm that a business is in, and whether staff chose it whatever the percentage."""

    use_minimal_onboarding: bool
    is_chosen: bool


def bucket_of(entry_point_id: int, business_id: int) -> int:
    """The business's place in this rollout, 0 to 9,999: always the same, and unlike that in another rollout."""
    digest = hashlib.sha256(f"{entry_point_id}:{business_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def is_within(percent: int, entry_point_id: int, business_id: int) -> bool:
    """Whether the business is among this share; whoever is in a share is in every greater one."""
    if percent in (0, 100):
        return percent == 100
    return bucket_of(entry_point_id, business_id) < percent * (BUCKETS // 100)


def arm_of(entry_point: EntryPoint, business: Business) -> bool:
    """Whether this business gets the v3 menu here: as staff chose for it, else by the percentage."""
    return arms_of([entry_point], business)[entry_point.pk]


def arms_of(entry_points: Iterable[EntryPoint], business: Business) -> dict[int, bool]:
    """`arm_of` for several entry points of one business, by their ids, with one statement."""
    return {pk: each.use_minimal_onboarding for pk, each in assignments_of(entry_points, business).items()}


def assignments_of(entry_points: Iterable[EntryPoint], business: Business) -> dict[int, Assignment]:
    """The arm of one business in each of these rollouts, by the entry points' ids, with one statement."""
    chosen = dict(ArmOverride.objects.filter(business=business).values_list("entry_point_id", "use_minimal_onboarding"))
    by_percent = {each.pk: is_within(each.minimal_onboarding_percent, each.pk, business.pk) for each in entry_points}
    return {pk: Assignment(chosen.get(pk, arm), is_chosen=pk in chosen) for pk, arm in by_percent.items()}
