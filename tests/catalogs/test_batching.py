"""What Meta says of the items of a batch, in whichever way it says it."""

import pytest

from catalogs.batching import Batch, finish, note_sent, write_next
from catalogs.claims import Claim, claim_due
from catalogs.differing import Place
from catalogs.models import Catalog, CatalogItem
from mbe.assets import BatchStatus, ItemProblem, ItemsBatch
from tests.catalogs.shops import Shop, refused, shop
from tests.meta import Meta


@pytest.fixture
def made(meta: Meta) -> Shop:
    """A shop whose catalog lacks four products."""
    made = shop(meta)
    made.sells("a", "b", "c", "d")
    made.ask()
    return made


def on_its_way(answer: ItemsBatch) -> tuple[Claim, Batch]:
    """A batch that Meta has answered in this way."""
    claim = claim_due()
    assert claim is not None
    batch = write_next(claim, Place())
    assert batch is not None
    assert [each["data"]["id"] for each in batch.requests] == ["a", "b", "c", "d"]
    note_sent(claim, batch.row, answer)
    return claim, batch


def finished(*errors: ItemProblem, total: int | None = None, invalid_ids: tuple[str, ...] = ()) -> BatchStatus:
    """What Meta says of a batch that is finished."""
    return BatchStatus("finished", True, errors, len(errors) if total is None else total, (), invalid_ids=invalid_ids)


def confirmed() -> set[str]:
    """The items that count as being at Meta."""
    return set(CatalogItem.objects.exclude(confirmed="").values_list("item_id", flat=True))


def test_an_error_names_its_item_by_id_or_by_the_line(made: Shop) -> None:
    claim, batch = on_its_way(ItemsBatch(("h",), ()))
    finish(claim, batch.row, [finished(ItemProblem("b", 3, "by id"), ItemProblem("", 2, "by line"))])
    assert refused(made.catalog()) == {"b": "by id", "c": "by line"}
    assert confirmed() == {"a", "d"}
    catalog = made.catalog()
    assert (catalog.items_confirmed, catalog.items_refused, catalog.errors_unnamed) == (2, 2, 0)


def test_items_that_meta_only_names_are_refused_without_a_reason(made: Shop) -> None:
    claim, batch = on_its_way(ItemsBatch(("h",), ()))
    finish(claim, batch.row, [finished(ItemProblem("a", 0, "said"), total=2, invalid_ids=("a", "d"))])
    assert refused(made.catalog()) == {"a": "said", "d": ""}
    assert made.catalog().errors_unnamed == 0


def test_errors_that_meta_only_counts_are_counted(made: Shop) -> None:
    claim, batch = on_its_way(ItemsBatch(("h",), ()))
    finish(claim, batch.row, [finished(ItemProblem("a", 0, "said"), ItemProblem("stranger", None, "?"), total=5)])
    assert refused(made.catalog()) == {"a": "said"}
    assert made.catalog().errors_unnamed == 4


def test_what_meta_refuses_at_once_is_kept_until_the_batch_is_finished(made: Shop) -> None:
    claim, batch = on_its_way(ItemsBatch(("h",), (ItemProblem("c", None, "at once"),)))
    finish(claim, batch.row, [finished(ItemProblem("d", None, "later"), total=2)])
    assert refused(made.catalog()) == {"c": "at once", "d": "later"}
    assert confirmed() == {"a", "b"} and made.catalog().errors_unnamed == 1


def test_a_batch_of_several_handles_is_finished_with_all_of_them(made: Shop) -> None:
    claim, batch = on_its_way(ItemsBatch(("h", "i"), ()))
    finish(claim, batch.row, [finished(ItemProblem("a", None, "first")), finished(ItemProblem("d", None, "second"))])
    assert refused(made.catalog()) == {"a": "first", "d": "second"}
    assert Catalog.objects.get().items_to_push == 0
