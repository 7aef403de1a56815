"""One fetch at a time, nothing lost, nothing old applied: with real threads on a real database."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from features.applying import apply
from features.claims import Claim, ClaimLost, claim_due, claim_one, due
from features.fetching import Observation, fetch
from features.graph import client_for
from features.models import Cause, Change, Feature, Installation
from features.sync import drain, sync_claimed
from tests.features.test_sync import installed, sync
from tests.meta import Meta, hint
from tests.waiting import PATIENCE_SECONDS, eventually


def in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    """Run `work` in so many threads that start together; the results, in no order."""
    results: list[Any] = []
    together = threading.Barrier(count)

    def run() -> None:
        together.wait(PATIENCE_SECONDS)
        try:
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(results) == count
    return results


def test_of_many_workers_one_gets_the_claim(shared_meta: Meta) -> None:
    shared_meta.installation("salon", "pixel")
    claims = in_threads(6, claim_due)
    assert sum(map(len, claims)) == 1


def test_two_workers_fetch_many_installations_once_each(shared_meta: Meta) -> None:
    installations = [shared_meta.installation(f"shop-{number}", "pixel") for number in range(12)]
    assert sum(in_threads(3, drain)) == 12
    counters = shared_meta.counters()
    assert set(counters["installs_by_business"].values()) == {1}
    assert all(installed(each) == {"pixel"} for each in installations)


def test_hints_during_a_fetch_lead_to_exactly_one_more(shared_meta: Meta) -> None:
    installation = shared_meta.installation("salon", "pixel")
    shared_meta.turn(hold="installs")

    def work() -> None:
        drain()
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    eventually(lambda: shared_meta.counters()["in_flight"].get("salon"))
    in_threads(5, lambda: hint(installation))
    in_threads(2, drain)
    shared_meta.turn(hold="")
    worker.join(timeout=60)
    drain()
    counters = shared_meta.counters()
    assert counters["installs_by_business"] == {"salon": 2}
    assert counters["max_concurrent_installs"] == {"salon": 1}


def test_a_burst_of_webhooks_is_due_once_it_is_quiet_and_is_not_put_off_for_ever(meta: Meta, settings: Any) -> None:
    settings.WEBHOOK_QUIET_SECONDS, settings.WEBHOOK_PATIENCE_SECONDS = 100, 1000
    installation = sync(meta.installation("salon", "pixel"))

    def seconds_to_wait() -> float:
        installation.refresh_from_db()
        assert installation.not_before is not None
        return (installation.not_before - timezone.now()).total_seconds()

    hint(installation)
    assert 60 < seconds_to_wait() <= 100
    hint(installation)
    assert 60 < seconds_to_wait() <= 100
    Installation.objects.update(requested_at=timezone.now() - timedelta(seconds=950))
    hint(installation)
    assert seconds_to_wait() <= 50


def test_a_webhook_puts_off_nobody_who_asked(meta: Meta, settings: Any) -> None:
    settings.WEBHOOK_QUIET_SECONDS = 100
    installation = sync(meta.installation("salon", "pixel"))
    hint(installation)
    assert not due().exists()
    hint(installation, Cause.RETURN)
    assert due().exists()
    hint(installation)
    assert due().exists()


def overtaken(meta: Meta) -> tuple[Claim, Observation, Claim]:
    """A slow worker's claim and what it saw before a change at Meta, and the claim of the worker that took over."""
    installation = meta.installation("salon", "pixel")
    slow = claim_one(installation.partner_id, installation.pk)
    assert slow is not None
    old = fetch(slow, client_for(meta.app))
    meta.change("salon", add=["catalog"])
    Installation.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    quick = claim_one(installation.partner_id, installation.pk)
    assert quick is not None and quick.generation > slow.generation
    return slow, old, quick


def test_an_old_result_after_a_newer_one_is_refused(meta: Meta) -> None:
    slow, old, quick = overtaken(meta)
    assert sync_claimed(quick)
    assert not apply(slow, old)
    assert installed(quick.installation) == {"pixel", "catalog"}


def test_an_older_result_that_comes_first_gives_way_to_the_newer(meta: Meta) -> None:
    slow, old, quick = overtaken(meta)
    newer = fetch(quick, client_for(meta.app))
    assert apply(slow, old)
    assert Installation.objects.get().claimed_until is not None, "the newer worker keeps its claim"
    assert apply(quick, newer)
    assert installed(quick.installation) == {"pixel", "catalog"}


def test_two_results_applied_at_once_leave_the_newer(shared_meta: Meta) -> None:
    slow, old, quick = overtaken(shared_meta)
    newer = fetch(quick, client_for(shared_meta.app))
    pairs = [(slow, old), (quick, newer)]
    in_threads(2, lambda: apply(*pairs.pop()))
    assert installed(quick.installation) == {"pixel", "catalog"}


def test_a_dead_workers_claim_is_free_again_after_its_lease(meta: Meta) -> None:
    installation = meta.installation("salon", "pixel")
    assert claim_one(installation.partner_id, installation.pk) is not None
    assert claim_one(installation.partner_id, installation.pk) is None
    installation.refresh_from_db()
    assert installation.claimed_until is not None
    assert installation.claimed_until - timezone.now() <= timedelta(seconds=60)
    Installation.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert sync(installation).state == Installation.State.CONNECTED


def test_a_worker_whose_lease_was_taken_over_stops_calling(meta: Meta) -> None:
    installation = meta.installation("salon", "pixel")
    slow = claim_one(installation.partner_id, installation.pk)
    assert slow is not None
    Installation.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert claim_one(installation.partner_id, installation.pk) is not None
    slow.renewed -= 60
    with pytest.raises(ClaimLost):
        fetch(slow, client_for(meta.app))
    assert meta.calls() == 0


def test_an_unchanged_sync_writes_no_feature_row_and_takes_six_statements(
    meta: Meta, django_assert_max_num_queries: Any
) -> None:
    meta.turn(refuse_system_user_token=True)
    installation = sync(meta.installation("salon", "page_cta", "pixel", "catalog"))
    versions = set(Feature.objects.extra(select={"xmin": "xmin::text"}).values_list("pk", "xmin"))
    changes = Change.objects.count()
    hint(installation)
    claim = None
    with django_assert_max_num_queries(100) as seen:
        claim = claim_one(installation.partner_id, installation.pk)
        assert claim is not None and sync_claimed(claim)
    statements = [each["sql"] for each in seen.captured_queries if not _is_transaction(each["sql"])]
    assert len(statements) <= 6, statements
    assert set(Feature.objects.extra(select={"xmin": "xmin::text"}).values_list("pk", "xmin")) == versions
    assert Change.objects.count() == changes


def _is_transaction(sql: str) -> bool:
    return sql.split()[0] in {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"} or "set_config" in sql
