"""Notices about Pages: counted as they come, for whom they are is not built yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Max, Sum
from django.utils import timezone

from features.activation.models import PageNoticeCount
from mbe.catalog import FEATURE_TYPES
from partners.tenancy import tenant

# In one order, so that two bodies with the same Pages never wait for each other.
_ADD = """
    INSERT INTO activation_pagenoticecount AS counted (partner_id, meta_app_id, page_id, field, day, count, last_at)
    SELECT %s, %s, page_id, field, %s, number, %s
    FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS come (page_id, field, number) ORDER BY page_id, field
    ON CONFLICT (meta_app_id, page_id, field, day) DO UPDATE
    SET count = counted.count + excluded.count, last_at = greatest(counted.last_at, excluded.last_at)
"""


@dataclass(frozen=True)
class Received:
    """How many notices came, and when the last one did (None: never)."""

    count: int
    last_at: datetime | None


def add(partner_id: int, meta_app_id: int, come: Mapping[tuple[str, str], int]) -> None:
    """Add to the counts of today (UTC) what came of each Page id and field, in one statement."""
    now = timezone.now()
    pages, fields = [page for page, _ in come], [field for _, field in come]
    with tenant(partner_id), connection.cursor() as cursor:
        cursor.execute(_ADD, [partner_id, meta_app_id, now.date(), now, pages, fields, list(come.values())])


def received(meta_app_id: int, page_id: str, feature_type: str) -> Received:
    """Tell what came of a Page's fields that this feature type needs; ask inside the tenant."""
    counts = PageNoticeCount.objects.filter(
        meta_app=meta_app_id, page_id=page_id, field__in=FEATURE_TYPES[feature_type].page_fields
    )
    found = counts.aggregate(count=Sum("count"), last_at=Max("last_at"))
    return Received(found["count"] or 0, found["last_at"])
