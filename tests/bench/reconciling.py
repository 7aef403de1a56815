"""The regular look at 1,000 unchanged businesses: Graph requests, and what happens where Meta refuses a batch.

All businesses become due and `features.reconcile.reconcile` looks at them in this process. Unit: HTTP requests. A batch
counts once, and for the installs when its operations ask for them; the sandbox says how many requests and operations
arrived. Then the sandbox refuses every batch: each business is looked at all the same, by a call of its own.
"""

from django.db.models import F
from django.utils import timezone

from features.models import Installation
from features.reconcile import reconcile
from features.sync import drain
from tests.bench import meta
from tests.bench.outgoing import outgoing
from tests.bench.population import Population
from tests.bench.report import Row

GOAL_FOR_THOUSAND = 25
INSTALLS = '"relative_url": "fbe_business/fbe_installs?'


def measure(population: Population) -> list[Row]:
    """Look at all businesses twice."""
    return [_in_batches(population), _one_by_one(population)]


def _in_batches(population: Population) -> Row:
    businesses = len(population.subjects)
    _make_due(population)
    with outgoing() as sent:
        reconcile()
    counted = meta.counters()
    requests = sum(counted["requests"].values())
    installs = sum(INSTALLS in each for each in sent) + counted["requests"].get("installs", 0)
    goal = GOAL_FOR_THOUSAND * businesses / 1000
    is_complete = counted["operations"].get("installs", 0) == businesses and _looked_at(population) == businesses
    numbers = f"{installs} for the installs, {requests} in all"
    what = f"Graph requests to reconcile {businesses:,} unchanged businesses"
    return Row(what, numbers, f"≤ {goal:g} for the installs", is_complete and 0 < installs <= goal)


def _one_by_one(population: Population) -> Row:
    businesses = len(population.subjects)
    _make_due(population)
    meta.turn(refuse_batch=True)
    reconcile()
    drain()
    meta.turn()
    counted = meta.counters()["requests"]
    looked_at, single = _looked_at(population), counted.get("installs", 0)
    numbers = (
        f"{looked_at:,} of {businesses:,} looked at, {single:,} single calls after {counted['batch']} refused batches"
    )
    return Row(
        "the same where Meta refuses batches", numbers, "all looked at, by single calls", looked_at == businesses
    )


def _make_due(population: Population) -> None:
    meta.forget_counters()
    population.installations().update(reconcile_at=timezone.now(), synced_at=None)


def _looked_at(population: Population) -> int:
    rows = Installation.objects.filter(synced_at__isnull=False, requested_generation=F("applied_generation"))
    return (rows & population.installations()).count()
