"""1,000 webhooks for 10 businesses in one burst, against the running stack.

Web server, worker, beat and sandbox run; the webhooks come over HTTP as fast as they are taken, and each fetch of the
installs lasts at least 0.2 s at Meta. Units: fetches of the installs for each business, as the sandbox counts them. In
flight: the most at the same time. After the burst: fetches that begin once the last webhook has been processed (the
inbox is empty; asked every 10 ms, and the sandbox's counters at once), until nothing is due any more.
"""

from collections import Counter

from django.conf import settings

from config.celery import app as celery
from tests.bench import meta
from tests.bench.load import send_all
from tests.bench.notices import bodies, signed_requests
from tests.bench.parts import beat, portal, process_aside, running, worker
from tests.bench.population import Population, is_inbox_empty, is_settled, wait_until
from tests.bench.report import Row

FETCH_SECONDS = 0.2


def measure(population: Population, webhooks: int, businesses: int) -> list[Row]:
    """Send so many webhooks about so many businesses."""
    celery.control.purge()
    chosen = population.subjects[:businesses]
    requests = signed_requests(bodies(chosen, webhooks))
    with running(portal(), worker(), beat()), process_aside() as aside:
        wait_until(is_settled)
        meta.forget_counters()
        meta.turn(slow_seconds=FETCH_SECONDS)
        load = aside.submit(send_all, settings.ENVIRONMENT.port, requests).result()
        wait_until(is_inbox_empty)
        begun = Counter(meta.counters()["installs_by_business"])
        wait_until(is_settled)
        ended = meta.counters()
    meta.turn()
    after = Counter(ended["installs_by_business"]) - begun
    at_once, later = max(ended["max_concurrent_installs"].values()), max(after.values(), default=0)
    what = f"{webhooks:,} webhooks for {businesses} businesses in a burst of {load.seconds:.1f} s"
    numbers = (
        f"{at_once} fetch in flight, {later} more after the burst, {sum(ended['installs_by_business'].values())} in all"
    )
    is_one = at_once == 1 and later <= 1 and len(ended["installs_by_business"]) == businesses
    return [Row(what, numbers, "for each business ≤ 1 in flight, ≤ 1 more after the burst", is_one)]
