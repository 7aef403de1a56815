"""Search under row security: by the beginning of a column that PostgreSQL keeps, against anywhere in the text.

Inside one partner, as the role that the portal runs as: PostgreSQL hands a condition that could tell of other partners'
rows (every LIKE, every function of a column) only rows that row security has let through, so no index can serve it; a
comparison by < and >= is leakproof. Unit: seconds until the ids of what is found are there; the ratio is the median of
the rounds' ratios.
"""

import time
from collections.abc import Callable

from django.db.models import Q

from features.finding import MOST_FOUND, businesses_like
from partners.models import Business
from partners.tenancy import tenant
from tests.bench.admin_visits import ONE_FOUND
from tests.bench.filled import filled
from tests.bench.parts import process_aside
from tests.bench.report import Row
from tests.bench.rounds import Comparison, compare

PARTNER = 1


def measure(rounds: int, businesses: int) -> list[Row]:
    """Search for one business in so many rounds."""
    with process_aside(filled(businesses)) as aside:
        comparison = aside.submit(search, rounds).result()
    anywhere, beginning = (each * 1000 for each in comparison.medians)
    numbers = f"{comparison.ratio:.0f} times less ({beginning:.2f} against {anywhere:.1f} ms)"
    what = f"one of {businesses:,} businesses found by how it begins, against by ILIKE '%…%'"
    return [Row(what, numbers, "shown", True)]


def search(rounds: int) -> Comparison:
    """Search in both ways in this process, on its database."""
    anywhere = Q(name__icontains=ONE_FOUND) | Q(external_business_id__icontains=ONE_FOUND)
    return compare(_seconds(anywhere), _seconds(businesses_like(ONE_FOUND)), rounds)


def _seconds(condition: Q) -> Callable[[], float]:
    def seconds() -> float:
        with tenant(PARTNER):
            begun_at = time.perf_counter()
            found = list(Business.objects.filter(condition).order_by("-pk").values_list("pk", flat=True)[:MOST_FOUND])
            taken = time.perf_counter() - begun_at
        if len(found) != 1:
            raise SystemExit(f"{len(found)} found, not one")
        return taken

    return seconds
