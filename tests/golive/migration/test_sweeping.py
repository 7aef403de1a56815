"""A sweep that judges an import which somebody else is changing at that moment."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from golive.migration import taking
from golive.migration.models import Import, ImportPart
from tests.golive.migration.files import HEAD, arrived, line, taken
from tests.meta import Meta
from tests.waiting import wait_for_waiters

pytestmark = pytest.mark.django_db(transaction=True)

State = Import.State
PAST = timedelta(seconds=1)


def _sweep() -> None:
    try:
        taking.to_take()
    finally:
        connection.close()


@contextmanager
def swept_meanwhile() -> Iterator[None]:
    """What is done within is not committed before a sweep has judged by what was there before, and waits for it."""
    with ThreadPoolExecutor(1) as workers:
        with transaction.atomic():
            yield
            sweep = workers.submit(_sweep)
            wait_for_waiters(1)
        sweep.result(timeout=60)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # The last statement of an arrival that took long over its last part.
        ({"state": State.ARRIVING, "claimed_until": Now() - PAST}, {"state": State.WAITING, "claimed_until": None}),
        ({"state": State.ARRIVING, "claimed_until": Now() - PAST}, {"claimed_until": Now() + timedelta(minutes=1)}),
        (
            {"state": State.WAITING, "arrived_at": Now() - timedelta(days=8)},
            {"state": State.READING, "claimed_until": Now() + timedelta(minutes=1), "attempt": 1},
        ),
        ({"state": State.STOPPED, "arrived_at": Now() - timedelta(days=8)}, {"state": State.WAITING}),
        ({"state": State.WAITING, "failures": taking.MOST_FAILURES}, {"failures": 0}),
    ],
    ids=["all of it is there", "more of it comes", "a worker takes it", "somebody resumes it", "it is begun anew"],
)
def test_a_sweep_ends_nothing_that_has_gone_on_meanwhile(
    meta: Meta, before: dict[str, Any], after: dict[str, Any]
) -> None:
    run = arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "catalog")))
    Import.objects.update(**before)
    with swept_meanwhile():
        Import.objects.update(**after)
    run.refresh_from_db()
    assert (run.state, run.problem) == (after.get("state", before["state"]), "")
    assert ImportPart.objects.filter(run=run).exists()
    Import.objects.update(state=State.WAITING, claimed_until=None)
    assert taken(run).imported == 1


def test_a_sweep_ends_what_has_not_gone_on(meta: Meta) -> None:
    run = arrived(meta, HEAD + line("shop-1", "EAAB-the-token"))
    Import.objects.update(state=State.ARRIVING, claimed_until=Now() - PAST)
    assert taking.to_take() == []
    run.refresh_from_db()
    assert (run.state, run.problem) == (State.FAILED, "broken_off") and not ImportPart.objects.exists()
