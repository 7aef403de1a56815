"""Which businesses get the v3 menu: an entry point's rollout, deterministic by business and sticky as it grows."""

import hashlib

from onboarding.models import ArmOverride, EntryPoint
from partners.models import Business

BUCKETS = 10_000


def bucket_of(entry_point_id: int, business_id: int) -> int:
    """The business's place in this rollout, 0 to 9,999: always the same, and unlike that in another rollout."""
    digest = hashlib.sha256(f"{entry_point_id}:{business_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def is_within(percent: int, entry_point_id: int, business_id: int) -> bool:
    """Whether the business is among this share; whoever is in a share is in every greater one."""
    return bucket_of(entry_point_id, business_id) < percent * (BUCKETS // 100)


def arm_of(entry_point: EntryPoint, business: Business) -> bool:
    """Whether this business gets the v3 menu here: as staff chose for it, else by the percentage."""
    chosen = ArmOverride.objects.filter(entry_point=entry_point, business=business)
    override = chosen.values_list("use_minimal_onboarding", flat=True).first()
    if override is not None:
        return override
    return is_within(entry_point.minimal_onboarding_percent, entry_point.pk, business.pk)
