"""Activation of a business with ten features: the Graph calls that it makes, and those of a second look.

Its records are synced before; counted is what activation asks Meta, as the sandbox received it. A read after a write of
the same thing is no repetition: it is how the write is confirmed. So a call is made twice when it was received more
often than what it reads was written, plus once. Unit: Graph calls.
"""

from features.activation.asking import ask
from features.activation.models import Activation
from features.activation.running import run_one
from features.models import Cause, Feature, Installation
from partners.tenancy import tenant
from tests.bench import meta
from tests.bench.population import Population, connect
from tests.bench.report import Row

FEATURES = (
    "page_cta",
    "page_card",
    "catalog",
    "fb_shop",
    "lead_ads",
    "messaging",
    "ads",
    "custom_audience",
    "pixel",
    "collaborate_ads",
)


def measure(population: Population) -> list[Row]:
    """Look at a new business, then once more."""
    installation = connect(population, "ten-features", *FEATURES)
    first, again = _look(installation), _look(installation)
    looked_at = Activation.objects.filter(installation=installation, checked_at__isnull=False).count()
    is_whole = looked_at == len(FEATURES)
    return [
        _row(f"activation of a business with {looked_at} features: Graph calls", first, is_whole=is_whole),
        _row("the same, looked at once more", again, is_whole=is_whole and not _writes(again)),
    ]


def _look(installation: Installation) -> dict[str, int]:
    """The calls of one look at all features, with how often each was made."""
    with tenant(installation.partner_id):
        ask(Feature.objects.filter(installation=installation), Cause.STAFF)
    meta.forget_counters()
    run_one(installation.partner_id, installation.pk)
    return dict(meta.counters()["calls"])


def _row(what: str, calls: dict[str, int], *, is_whole: bool) -> Row:
    writes = _writes(calls)
    twice = {call: times for call, times in calls.items() if times > 1 + writes.get(_subject(call), 0)}
    numbers = f"{sum(calls.values())}, of them {sum(writes.values())} writing; made twice: {len(twice)}"
    return Row(what, numbers, "none made twice", is_whole and bool(calls) and not twice)


def _writes(calls: dict[str, int]) -> dict[str, int]:
    """How often each object and edge was written."""
    return {_subject(call): times for call, times in calls.items() if not call.startswith("GET ")}


def _subject(call: str) -> str:
    return call.partition(" ")[2].partition("?")[0]
