"""Businesses synced per second by one worker, against the bare round trips.

A real worker process, with the options of the stack, syncs businesses that were hinted at and have not changed at Meta:
claim, installs, feature configuration, diff, commit. The floor (`tests.bench.bare_sync`) makes the same two calls for
the same businesses with one `requests.Session` in each of as many threads as the worker has lanes, and one UPDATE for
each business. Unit: businesses per second, from the wake-up to the last commit; the ratio is the median of the rounds'.
"""

import time

from django.conf import settings

from features.sync import LANES
from features.tasks import sync_due
from tests.bench.bare_sync import round_trips
from tests.bench.parts import process_aside, running, worker
from tests.bench.population import Population, is_settled, wait_until
from tests.bench.report import Row
from tests.bench.rounds import compare

GOAL = 0.6


def measure(population: Population, rounds: int, businesses: int) -> list[Row]:
    """Compare the two in so many rounds of so many businesses each."""
    chosen = population.subjects[:businesses]
    graph_root = f"{settings.META_GRAPH_URL}/{settings.META_GRAPH_VERSION}"
    with running(worker()), process_aside() as aside:

        def sync() -> float:
            population.hint(chosen)
            begun_at = time.perf_counter()
            sync_due.delay()
            wait_until(is_settled)
            return len(chosen) / (time.perf_counter() - begun_at)

        def bare() -> float:
            roles = (settings.ENVIRONMENT.database_url, settings.DATABASE_PLATFORM_ROLE)
            arguments = (chosen, LANES, graph_root, *roles)
            return aside.submit(round_trips, *arguments).result()

        sync(), bare()
        comparison = compare(sync, bare, rounds)
    rate, floor_rate = comparison.medians
    numbers = f"{comparison.ratio:.2f} ({rate:.0f} against {floor_rate:.0f} a second, {LANES} at a time)"
    what = "businesses synced by one worker, against the bare round trips and one UPDATE"
    return [Row(what, numbers, f"≥ {GOAL}", comparison.ratio >= GOAL)]
