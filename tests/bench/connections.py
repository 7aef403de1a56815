"""Connections to PostgreSQL over bursts and idle times.

Web server and worker run; `pg_stat_activity` is asked for their connections 20 times a second: at rest, during a burst
of webhooks at full speed, right after, after an idle time that is longer than the server keeps its idle threads (30 s),
and over a second burst. Unit: connections. Flat: never more than the pools of the processes may hold, and the second
burst needs no more than the first one, within one connection a process.
"""

import time
from concurrent.futures import Future
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from config.stack import WEB_WORKERS
from tests.bench.load import Load, send_for
from tests.bench.notices import bodies, signed_requests
from tests.bench.parts import portal, process_aside, running, worker
from tests.bench.population import Population, is_inbox_empty, wait_until
from tests.bench.report import Row

SAMPLE_SECONDS = 0.05
COUNT = """
    SELECT count(*) FILTER (WHERE application_name = 'web'), count(*) FILTER (WHERE application_name = 'worker')
    FROM pg_stat_activity WHERE datname = current_database()
"""


@dataclass(frozen=True)
class Count:
    """The connections of web server and worker at one time, or at most."""

    web: int
    worker: int

    def __or__(self, other: "Count") -> "Count":
        return Count(max(self.web, other.web), max(self.worker, other.worker))

    def __str__(self) -> str:
        return f"{self.web}+{self.worker}"


def measure(population: Population, burst_seconds: float, idle_seconds: float) -> list[Row]:
    """Two bursts of so many seconds with an idle time between."""
    requests = signed_requests(bodies(population.subjects, 20_000))
    population.hold(3600)
    with running(portal(), worker()), process_aside() as aside:

        def burst() -> Count:
            return _most_during(aside.submit(send_for, burst_seconds, settings.ENVIRONMENT.port, requests))

        rest = _count()
        first, after_first = burst(), _count()
        wait_until(is_inbox_empty)
        time.sleep(idle_seconds)
        idle, second, after_second = _count(), burst(), _count()
    population.hold(0)
    pool = int(settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"])
    bound = Count(WEB_WORKERS * pool, pool)
    most = rest | first | after_first | idle | second | after_second
    numbers = (
        f"{rest} at rest, {first} in a burst, {after_first} after, {idle} after {idle_seconds:g} s, {second} again"
    )
    is_within = (most | bound) == bound
    is_flat = second.web <= first.web + WEB_WORKERS and second.worker <= first.worker + 1
    what = "connections to PostgreSQL, web server + worker"
    return [Row(what, numbers, f"flat, at most {bound} (the pools' bound)", is_within and is_flat)]


def _most_during(burst: Future[Load]) -> Count:
    most = _count()
    while not burst.done():
        time.sleep(SAMPLE_SECONDS)
        most |= _count()
    burst.result()
    return most


def _count() -> Count:
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        return Count(*cursor.fetchone())
