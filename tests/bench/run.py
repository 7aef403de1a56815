"""Runs every measurement, one after the other, and prints one table; ends with 1 when a goal is missed."""

import argparse
import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator

import django
from django.core.management import call_command

django.setup()

from tests.bench import (  # noqa: E402
    acknowledging,
    activating,
    admin_lists,
    bursting,
    catalogs,
    cockpit,
    connections,
    draining,
    migrating,
    reconciling,
    rollout,
    row_security,
    searching,
    syncing,
    unchanged,
)
from tests.bench.databases import see_every_partner  # noqa: E402
from tests.bench.filled import drop_filled  # noqa: E402
from tests.bench.parts import running, sandbox  # noqa: E402
from tests.bench.population import populate  # noqa: E402
from tests.bench.report import Row, table  # noqa: E402


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the portal.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, for developing")
    parser.add_argument("--only", nargs="*", default=(), metavar="NAME", help="these measurements only")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
    see_every_partner()
    rows = list(_measure(options.only, options.quick))
    drop_filled()
    print(table(rows))
    return 0 if all(row.holds for row in rows) else 1


def _measure(only: list[str], quick: bool) -> Iterator[Row]:
    large = 20_000 if quick else 200_000
    with running(sandbox()):
        population = populate(100 if quick else 1_000)
        measurements: dict[str, Callable[[], list[Row]]] = {
            "acknowledging": lambda: acknowledging.measure(population, *((3, 0.5) if quick else (9, 1.5))),
            "draining": lambda: draining.measure(population, *((2, 200) if quick else (5, 300))),
            "connections": lambda: connections.measure(population, *((1.0, 3.0) if quick else (3.0, 35.0))),
            "syncing": lambda: syncing.measure(population, *((3, 100) if quick else (5, 1_000))),
            "unchanged": lambda: unchanged.measure(population, 10),
            "reconciling": lambda: reconciling.measure(population),
            "bursting": lambda: bursting.measure(population, 1_000, 10),
            "activating": lambda: activating.measure(population),
            "catalogs": lambda: catalogs.measure(population, *((3_000, 10_000) if quick else (10_000, 100_000))),
            "migrating": lambda: migrating.measure(1_000 if quick else 10_000),
            "guarded_webhooks": lambda: row_security.of_webhooks(population, *((3, 0.5) if quick else (31, 0.75))),
            "guarded_lists": lambda: row_security.of_lists(3 if quick else 15, large),
            "searching": lambda: searching.measure(5 if quick else 15, large),
            "cockpit": lambda: cockpit.measure(5 if quick else 15, large),
            "rollout": lambda: rollout.measure(5 if quick else 15, 10_000 if quick else 100_000),
            "admin_lists": lambda: admin_lists.measure(3 if quick else 5, 2_000, large),
        }
        for name, measure in measurements.items():
            if not only or name in only:
                begun_at = time.monotonic()
                yield from measure()
                print(f"{name}: {time.monotonic() - begun_at:.0f} s", file=sys.stderr, flush=True)
