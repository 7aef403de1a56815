"""1,000 webhooks for 10 businesses in one burst, against the running stack.

Web server, worker, beat and sandbox run; the webhooks come over HTTP as fast as they are taken, and Meta takes at least
0.2 s for each fetch. Units: fetches of the installs for each business. In flight: the most at the same time, as the
sandbox counts them. After the burst: fetches begun once the last webhook about the business has been processed, until
nothing is due any more. A fetch begins with its claim, so these are the claims, seen every 10 ms, whose generation is
not lower than the one that was asked for when the inbox was first seen empty.
"""

from collections import Counter

from django.conf import settings
from django.db.models import QuerySet

from config.celery import app as celery
from features.models import Installation
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
        later = _most_claims_until_settled(population.installations(chosen))
        ended = meta.counters()
    meta.turn()
    at_once = max(ended["max_concurrent_installs"].values())
    what = f"{webhooks:,} webhooks for {businesses} businesses in a burst of {load.seconds:.1f} s"
    numbers = (
        f"{at_once} fetch in flight, {later} more after the burst, {sum(ended['installs_by_business'].values())} in all"
    )
    is_one = at_once == 1 and later <= 1 and len(ended["installs_by_business"]) == businesses
    return [Row(what, numbers, "for each business ≤ 1 in flight, ≤ 1 more after the burst", is_one)]


def _most_claims_until_settled(installations: QuerySet[Installation]) -> int:
    asked_for = dict(installations.values_list("pk", "requested_generation"))
    claims: set[tuple[int, int]] = set()

    def is_over() -> bool:
        is_last = is_settled()
        claims.update(
            (pk, generation)
            for pk, generation in installations.values_list("pk", "claimed_generation")
            if generation is not None and generation >= asked_for[pk]
        )
        return is_last

    wait_until(is_over)
    return max(Counter(pk for pk, _generation in claims).values(), default=0)
