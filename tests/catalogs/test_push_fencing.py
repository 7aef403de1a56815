"""One push to a catalog at a time, resumed where a dead worker left it: with real threads on a real database."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from catalogs.batching import Batch, finish, note_sent, write_next
from catalogs.claims import Claim, ClaimLost, claim_due
from catalogs.differing import Place
from catalogs.models import Catalog, CatalogItem, ItemBatch
from catalogs.pushing import drain, push
from features.graph import assets_for
from mbe.assets import ItemsBatch
from tests.catalogs.shops import Shop, at_meta, shop, work
from tests.features.test_fencing import in_threads
from tests.meta import Meta, hint

State = Catalog.State


def selling(meta: Meta, *features: str) -> Shop:
    """A shop whose catalogs lack two products."""
    made = shop(meta, *features)
    made.sells("lamp", "chair")
    made.ask()
    return made


def claimed() -> Claim:
    """What a worker takes."""
    claim = claim_due()
    assert claim is not None
    return claim


def written(claim: Claim) -> Batch:
    """The batch that it writes down."""
    batch = write_next(claim, Place())
    assert batch is not None
    return batch


def sent(claim: Claim, batch: Batch) -> ItemsBatch:
    """What Meta answers to it."""
    client = assets_for(claim.catalog.installation.meta_app)
    return claim.call(lambda token: client.items_batch(claim.catalog.catalog_id, token, batch.requests))


def lease_over() -> None:
    """The worker is dead for long enough."""
    Catalog.objects.exclude(claimed_until=None).update(claimed_until=timezone.now() - timedelta(seconds=1))


def is_in_step(made: Shop) -> bool:
    """Whether Meta has both, and we know it."""
    catalog = made.catalog()
    return (catalog.state, catalog.items_confirmed) == (State.IN_STEP, 2) and at_meta(made)["count"] == 2


def test_a_worker_that_dies_before_it_calls_leaves_a_batch_to_be_sent(meta: Meta) -> None:
    made = selling(meta)
    written(claimed())
    assert work() == 0, "for as long as its lease runs"
    lease_over()
    work()
    assert is_in_step(made) and at_meta(made)["batches_received"] == 1
    assert not ItemBatch.objects.exists()


def test_a_worker_that_dies_before_it_keeps_the_handle_has_the_items_sent_once_more(meta: Meta) -> None:
    made = selling(meta)
    claim = claimed()
    sent(claim, written(claim))
    made.sells("chair", price="5.00 USD")
    lease_over()
    work()
    assert is_in_step(made) and at_meta(made)["batches_received"] == 2


def test_a_worker_that_dies_while_meta_works_has_the_handle_polled(meta: Meta) -> None:
    made = selling(meta)
    claim = claimed()
    batch = written(claim)
    note_sent(claim, batch.row, sent(claim, batch))
    lease_over()
    work()
    assert is_in_step(made) and at_meta(made)["batches_received"] == 1


def without_catalog(made: Shop) -> None:
    """The merchant removes the feature, and a sync finds it."""
    made.meta.change("shop", remove=["catalog"])
    hint(made.installation)
    made.sync()


def test_a_worker_that_dies_while_it_forgets_is_followed(meta: Meta) -> None:
    made = selling(meta)
    work()
    without_catalog(made)
    claimed()
    lease_over()
    work()
    assert not CatalogItem.objects.exists() and made.catalog().due_at is None


def test_a_worker_that_was_overtaken_writes_nothing(meta: Meta) -> None:
    made = selling(meta)
    slow = claimed()
    batch = written(slow)
    answer = sent(slow, batch)
    lease_over()
    work()
    assert is_in_step(made)
    before = list(CatalogItem.objects.values_list("pk", "confirmed", "pending", "batch"))
    slow.renewed -= 60
    late: list[Callable[[], object]] = [
        lambda: note_sent(slow, batch.row, answer),
        lambda: finish(slow, batch.row, []),
        lambda: write_next(slow, Place()),
        slow.keep,
    ]
    for each in late:
        with pytest.raises(ClaimLost):
            each()
    push(slow)
    assert list(CatalogItem.objects.values_list("pk", "confirmed", "pending", "batch")) == before
    assert made.catalog().state == State.IN_STEP


def test_who_pushes_to_a_catalog_that_ends_loses_the_claim(meta: Meta) -> None:
    made = selling(meta)
    claim = claimed()
    without_catalog(made)
    push(claim)
    assert made.catalog().state == State.ENDED
    assert at_meta(made)["batches_received"] == 0


def test_several_workers_at_once_send_no_batch_twice(shared_meta: Meta) -> None:
    made = selling(shared_meta, "catalog", "fb_shop")
    in_threads(4, drain)
    work()
    assert [each.state for each in made.catalogs()] == [State.IN_STEP, State.IN_STEP]
    assert [at_meta(made, each)["batches_received"] for each in made.catalogs()] == [1, 1]


def test_of_many_workers_one_gets_the_claim(shared_meta: Meta) -> None:
    selling(shared_meta)
    assert len([each for each in in_threads(5, claim_due) if each]) == 1
