"""What a waiting webhook costs the worker: drained in sweeps, against one Celery task for each delivery.

The same real worker drains the same number of stored deliveries, about known businesses: once woken by one
`webhooks.process_inbox`, once by one bench-only task for each. Unit: processor milliseconds of the worker for each
webhook, from the first task to the empty inbox; the ratio is the median of the rounds' ratios. The app is paused, so
that no sync follows.
"""

from collections.abc import Callable

from config.celery import app as celery
from config.parts import Process
from partners.encryption import seal
from tests.bench.each_delivery import process_delivery
from tests.bench.notices import bodies
from tests.bench.parts import cpu_seconds, running, worker
from tests.bench.population import Population, is_inbox_empty, wait_until
from tests.bench.report import Row
from tests.bench.rounds import compare
from webhooks.models import Delivery
from webhooks.tasks import process_inbox

GOAL = 5.0


def measure(population: Population, rounds: int, deliveries: int) -> list[Row]:
    """Compare the two in so many rounds of so many deliveries each."""
    celery.control.purge()
    population.hold(3600)
    with running(worker("--include", "tests.bench.each_delivery")) as parts:

        def drain(publish: Callable[[list[int]], None]) -> Callable[[], float]:
            return lambda: _milliseconds(parts["worker"], publish, _store(population, deliveries))

        in_sweeps, one_by_one = drain(_wake_once), drain(_wake_for_each)
        in_sweeps(), one_by_one()
        comparison = compare(one_by_one, in_sweeps, rounds)
    population.hold(0)
    each, sweep = comparison.medians
    numbers = f"{comparison.ratio:.0f} times less ({sweep:.2f} ms against {each:.1f} ms of processor time)"
    goal = f"≥ {GOAL:g} times less"
    return [Row("inbox drained in sweeps, against a task for each webhook", numbers, goal, comparison.ratio >= GOAL)]


def _store(population: Population, how_many: int) -> list[int]:
    rows = Delivery.objects.bulk_create(
        Delivery(partner_id=population.app.partner_id, meta_app=population.app, sealed_body=seal(body), size=len(body))
        for body in bodies(population.subjects, how_many)
    )
    return [row.pk for row in rows]


def _wake_once(ids: list[int]) -> None:
    process_inbox.delay()


def _wake_for_each(ids: list[int]) -> None:
    for each in ids:
        process_delivery.delay(each)


def _milliseconds(process: Process, publish: Callable[[list[int]], None], ids: list[int]) -> float:
    before = cpu_seconds(process)
    publish(ids)
    wait_until(is_inbox_empty)
    return (cpu_seconds(process) - before) * 1000 / len(ids)
