"""Webhooks acknowledged per second, against a bare view.

The portal verifies, encrypts, stores, commits and wakes a worker; the floor (`tests.bench.floor`) verifies the same
signature and inserts one row with raw SQL. Both run under the same server with the same options, settings and pool; the
same signed requests come over 8 keep-alive connections from a process of their own. Unit: answers with 200 per second;
the ratio is the median of the rounds' ratios. No worker runs: what follows an acknowledgement is not its cost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings

from config.celery import app as celery
from config.embedded import PORTS, is_free
from tests.bench.databases import by_owner
from tests.bench.load import Load, send_for
from tests.bench.notices import bodies, signed_requests
from tests.bench.parts import another_server, portal, process_aside, running
from tests.bench.population import Population
from tests.bench.report import Row
from tests.bench.rounds import compare
from webhooks.models import Delivery

GOAL = 0.8
REQUESTS = 200
FLOOR = (
    "CREATE TABLE bench_floor (id bigserial PRIMARY KEY, received_at timestamptz, body bytea, size integer)",
    "GRANT INSERT ON bench_floor TO PUBLIC",
    "GRANT USAGE ON bench_floor_id_seq TO PUBLIC",
)


@dataclass
class Tally:
    """The loads of one server."""

    loads: list[Load] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """All that were acknowledged."""
        return sum(each.requests for each in self.loads)

    @property
    def busiest_sender(self) -> float:
        """The largest share of a processor that sending took."""
        return max(each.cpu_seconds / each.seconds for each in self.loads)


def measure(population: Population, rounds: int, seconds: float) -> list[Row]:
    """Compare the two in so many rounds of so many seconds each."""
    by_owner(*FLOOR)
    requests = signed_requests(bodies(population.subjects, REQUESTS))
    floor_port = next(port for port in PORTS if is_free(port))
    floor = another_server("floor", floor_port, "tests.bench.floor:application", "tests.bench.floor_settings")
    Delivery.objects.all().delete()
    celery.control.purge()
    with running(portal(), floor), process_aside() as aside:

        def press(port: int, tally: Tally) -> Callable[[], float]:
            def press_once() -> float:
                tally.loads.append(aside.submit(send_for, seconds, port, requests).result())
                return tally.loads[-1].rate

            return press_once

        ours, theirs = Tally(), Tally()
        press(settings.ENVIRONMENT.port, ours)(), press(floor_port, theirs)()
        comparison = compare(press(settings.ENVIRONMENT.port, ours), press(floor_port, theirs), rounds)
    stored, woken = Delivery.objects.count(), celery.control.purge()
    Delivery.objects.all().delete()
    rate, floor_rate = comparison.medians
    numbers = f"{comparison.ratio:.2f} ({rate:,.0f} against {floor_rate:,.0f} a second"
    numbers += f"; sending took {max(ours.busiest_sender, theirs.busiest_sender):.0%} of a processor)"
    return [
        Row(
            "webhook acknowledged, against a bare Django view with one raw INSERT",
            numbers,
            f"≥ {GOAL}",
            comparison.ratio >= GOAL,
        ),
        Row(
            "of what was acknowledged",
            f"{stored / ours.requests:.0%} stored, {woken:,} wake-ups for {ours.requests:,} webhooks",
            "100% stored, the worker woken",
            stored == ours.requests and woken > 0,
        ),
    ]
