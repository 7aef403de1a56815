"""The cockpit's numbers: how many businesses of every Meta app are v2, v3, mixed, and so on, counted in one statement.

For one partner, and for platform staff who have all partners in view. Unit: seconds until the numbers are there, the
median of the rounds.
"""

import time
from contextlib import AbstractContextManager
from statistics import median

from features.models import Installation
from golive.cockpit.counting import numbers
from partners.tenancy import platform, tenant
from tests.bench.admin_rows import FEATURES, PARTNERS
from tests.bench.filled import filled
from tests.bench.parts import process_aside
from tests.bench.report import Row

PARTNER = 1


def measure(rounds: int, businesses: int) -> list[Row]:
    """Count so many times."""
    with process_aside(filled(businesses)) as aside:
        of_one, of_all = aside.submit(count, rounds).result()
    what = f"the cockpit's numbers, {businesses:,} businesses with {businesses * FEATURES:,} features"
    shown = f"{of_all * 1000:.0f} ms for all, {of_one * 1000:.0f} ms for a partner with {businesses // PARTNERS:,}"
    return [Row(what, shown, "shown", True)]


def count(rounds: int) -> tuple[float, float]:
    """Count in this process: for one partner, and for all."""
    return (
        median(_seconds(tenant(PARTNER)) for _ in range(rounds)),
        median(_seconds(platform()) for _ in range(rounds)),
    )


def _seconds(door: AbstractContextManager[None]) -> float:
    with door:
        begun_at = time.perf_counter()
        counted = numbers(Installation.objects.all())
        taken = time.perf_counter() - begun_at
    if not counted:
        raise SystemExit("nothing was counted")
    return taken
