"""What row security costs: the same code on two databases with the same rows, in one of which it is switched off.

The admin's lists as they open and as they are searched, with all of a person's lists for one number, at a size that
shows; and webhooks acknowledged per second. Both databases are measured in turn in every round; the ratio is the median
of the rounds' ratios. Not in the ratio is what the doors themselves cost (`partners.tenancy`): both sides enter them.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from django.conf import settings

from config.celery import app as celery
from config.embedded import PORTS, is_free
from tests.bench.admin_rows import MEMBER, PLATFORM
from tests.bench.admin_visits import Visit, addresses, visit
from tests.bench.databases import MAIN, disconnect, without_row_security
from tests.bench.filled import filled
from tests.bench.load import send_for
from tests.bench.notices import bodies, signed_requests
from tests.bench.parts import portal, portal_of, process_aside, running
from tests.bench.population import Population
from tests.bench.report import Row
from tests.bench.rounds import Comparison, compare
from webhooks.models import Delivery

MOST_TIMES = 1.1
REQUESTS = 200
PEOPLE = {MEMBER: "a member", PLATFORM: "platform staff"}


def of_webhooks(population: Population, rounds: int, seconds: float) -> list[Row]:
    """Acknowledge webhooks in so many rounds of so many seconds each."""
    requests = signed_requests(bodies(population.subjects, REQUESTS))
    port = next(port for port in PORTS if is_free(port))
    disconnect()
    with (
        without_row_security(MAIN) as unguarded,
        running(portal(), portal_of(unguarded, port)),
        process_aside() as aside,
    ):

        def time_of_one(port: int) -> float:
            return 1000 / aside.submit(send_for, seconds, port, requests).result().rate

        comparison = _compare(partial(time_of_one, settings.ENVIRONMENT.port), partial(time_of_one, port), rounds)
    celery.control.purge()
    Delivery.objects.all().delete()
    on, off = (1000 / each for each in comparison.medians)
    numbers = f"{comparison.ratio:.2f} ({on:,.0f} against {off:,.0f} a second)"
    return [_row("webhook acknowledged", numbers, comparison.ratio, MOST_TIMES)]


def of_lists(rounds: int, businesses: int) -> list[Row]:
    """Visit the lists, each person's in so many rounds."""
    rows = []
    name = filled(businesses)
    with (
        without_row_security(name) as unguarded,
        process_aside(name) as with_it,
        process_aside(unguarded) as without_it,
    ):
        for username, person in PEOPLE.items():
            found = with_it.submit(addresses, username).result()
            lists = [each for each in found if "?" not in each]
            searches = [each for each in found if "?q=" in each]
            for what, chosen, goal in (("lists", lists, MOST_TIMES), ("searches", searches, 0)):
                title = f"admin, {len(chosen)} {what} of {person}, {businesses:,} businesses"
                rows.append(_visits(title, with_it, without_it, username, chosen, rounds, goal))
    return rows


def _visits(
    title: str,
    with_it: ProcessPoolExecutor,
    without_it: ProcessPoolExecutor,
    username: str,
    chosen: list[str],
    rounds: int,
    goal: float,
) -> Row:
    statements: dict[ProcessPoolExecutor, list[float]] = {with_it: [], without_it: []}

    def seconds(side: ProcessPoolExecutor) -> float:
        visits: list[Visit] = [side.submit(visit, username, address).result() for address in chosen]
        statements[side].append(sum(each.seconds_of_statements for each in visits))
        return sum(each.seconds for each in visits)

    comparison = _compare(partial(seconds, with_it), partial(seconds, without_it), rounds)
    of_statements = Comparison(statements[with_it][1:], statements[without_it][1:]).ratio
    on, off = (each * 1000 / len(chosen) for each in comparison.medians)
    numbers = (
        f"{comparison.ratio:.2f} ({on:.1f} against {off:.1f} ms a page); their statements alone {of_statements:.2f}"
    )
    return _row(title, numbers, comparison.ratio, goal)


def _compare(on: Callable[[], float], off: Callable[[], float], rounds: int) -> Comparison:
    # The first round fills caches.
    on(), off()
    return compare(on, off, rounds)


def _row(title: str, numbers: str, ratio: float, goal: float) -> Row:
    what = f"row security on, against off: {title}"
    return Row(what, numbers, f"≤ {goal:g}", ratio <= goal) if goal else Row(what, numbers, "shown", True)
