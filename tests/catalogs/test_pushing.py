"""Products on their way to the catalogs of a business: what is sent, what is not, and what Meta says of each item."""

from catalogs import differing
from catalogs.claims import claim_due
from catalogs.models import Catalog, CatalogItem, ItemBatch
from catalogs.pushing import PAUSES, drain, push
from features.activation.models import Activation
from tests.catalogs.shops import at_meta, refused, shop, work
from tests.meta import Meta

State = Catalog.State


def numbered(count: int) -> list[str]:
    """So many ids, in their order."""
    return [f"sku-{number:05}" for number in range(count)]


def test_the_first_push_brings_every_product_to_every_distinct_catalog(meta: Meta) -> None:
    made = shop(meta, "catalog", "page_card", "fb_shop", "ig_shopping")
    made.sells("lamp", "chair")
    made.push()
    catalogs = made.catalogs()
    assert len(catalogs) == 2, "two features share a catalog, twice"
    for catalog in catalogs:
        assert at_meta(made, catalog)["ids"] == ["chair", "lamp"]
        assert (catalog.state, catalog.items_confirmed, catalog.items_to_push) == (State.IN_STEP, 2, 0)
        assert catalog.confirmed_at is not None and catalog.due_at is None and catalog.claimed_until is None
    assert not ItemBatch.objects.exists()


def test_asked_once_more_with_nothing_changed_no_call_is_made(meta: Meta) -> None:
    made = shop(meta)
    made.sells("lamp", "chair")
    made.push()
    before = meta.counters()["calls"]
    made.push()
    assert meta.counters()["calls"] == before
    assert made.catalog().state == State.IN_STEP


def test_a_business_without_products_makes_no_call(meta: Meta) -> None:
    made = shop(meta)
    work()
    assert made.catalog().state == State.IN_STEP
    assert at_meta(made)["batches_received"] == 0


def test_of_a_few_changes_only_these_are_sent_in_one_call(meta: Meta) -> None:
    made = shop(meta)
    made.sells(*numbered(50))
    made.push()
    first = at_meta(made)
    made.sells("sku-00007", "sku-00040", price="5.00 USD")
    made.sells("new")
    made.drops("sku-00001", "sku-00049")
    made.push()
    last = at_meta(made)
    assert last["requests_received"] - first["requests_received"] == 5
    assert last["batches_received"] - first["batches_received"] == 1
    assert set(last["ids"]) == {*numbered(50), "new"} - {"sku-00001", "sku-00049"}
    assert made.catalog().items_confirmed == 49


def test_a_deletion_alone_is_sent(meta: Meta) -> None:
    made = shop(meta)
    made.sells("lamp", "chair")
    made.push()
    made.drops("lamp", "chair")
    made.push()
    assert at_meta(made)["count"] == 0
    assert made.catalog().items_confirmed == 0
    assert not CatalogItem.objects.exists()


def test_what_meta_refuses_of_single_items_is_shown_and_the_rest_is_taken(meta: Meta) -> None:
    made = shop(meta)
    made.sells("lamp", "chair")
    made.sells("odd", price="cheap")
    made.push()
    catalog = made.catalog()
    assert at_meta(made)["ids"] == ["chair", "lamp"]
    assert (catalog.state, catalog.items_confirmed, catalog.items_refused) == (State.IN_STEP, 2, 1)
    assert list(refused(catalog)) == ["odd"] and "price" in refused(catalog)["odd"]


def test_a_refused_item_is_sent_again_only_when_its_product_changes(meta: Meta) -> None:
    made = shop(meta)
    made.sells("lamp")
    made.sells("odd", price="cheap")
    made.push()
    made.push()
    assert at_meta(made)["batches_received"] == 1
    made.sells("odd", price="1.00 USD")
    made.push()
    catalog = made.catalog()
    assert at_meta(made)["ids"] == ["lamp", "odd"]
    assert (catalog.items_refused, refused(catalog)) == (0, {})


def test_a_refused_change_leaves_what_was_confirmed(meta: Meta) -> None:
    made = shop(meta)
    made.sells("lamp")
    made.push()
    made.sells("lamp", price="cheap")
    made.push()
    assert (made.catalog().items_confirmed, made.catalog().items_refused) == (1, 1)
    made.drops("lamp")
    made.push()
    assert at_meta(made)["count"] == 0, "what was confirmed before is deleted"
    assert made.catalog().items_refused == 0


def test_a_refused_product_that_is_gone_is_forgotten(meta: Meta) -> None:
    made = shop(meta)
    made.sells("odd", price="cheap")
    made.push()
    made.drops("odd")
    made.push()
    assert at_meta(made)["batches_received"] == 1
    assert not CatalogItem.objects.exists() and made.catalog().items_refused == 0


def test_a_refused_deletion_is_shown_and_not_repeated(meta: Meta) -> None:
    made = shop(meta)
    made.sells("lamp")
    made.push()
    meta.turn_catalog(refuse_ids=["lamp"])
    made.drops("lamp")
    made.push()
    made.push()
    assert at_meta(made)["batches_received"] == 2
    assert list(refused(made.catalog())) == ["lamp"]
    meta.turn_catalog(refuse_ids=[])
    made.sells("lamp")
    made.push()
    assert refused(made.catalog()) == {} and made.catalog().items_confirmed == 1


def test_more_than_one_call_takes_go_in_several(meta: Meta) -> None:
    made = shop(meta)
    made.sells(*numbered(differing.MOST_ITEMS))
    made.push()
    assert at_meta(made)["batches_received"] == 1
    made.sells(*numbered(differing.MOST_ITEMS + 1), price="5.00 USD")
    made.push()
    seen = at_meta(made)
    assert (seen["batches_received"], seen["count"]) == (3, differing.MOST_ITEMS + 1)
    assert made.catalog().items_confirmed == differing.MOST_ITEMS + 1


def test_large_items_go_in_calls_that_meta_takes(meta: Meta) -> None:
    made = shop(meta)
    # Each sign of these is six when it is written as JSON.
    made.sells(*numbered(300), description="店" * 9_000)
    made.push()
    seen = at_meta(made)
    assert (seen["batches_received"], seen["count"]) == (3, 300)


def test_a_product_that_changes_while_it_is_on_its_way_is_sent_once_more(meta: Meta) -> None:
    made = shop(meta)
    meta.turn_catalog(polls_until_finished=len(PAUSES))
    made.sells("lamp", "chair")
    made.ask()
    assert drain() == 1
    catalog = made.catalog()
    assert (catalog.state, catalog.items_confirmed, catalog.items_to_push) == (State.PUSHING, 0, 2)
    assert catalog.due_at is not None and catalog.claimed_until is None
    made.sells("lamp", price="5.00 USD")
    made.drops("chair")
    meta.turn_catalog(polls_until_finished=0)
    made.push()
    seen = at_meta(made)
    assert (seen["ids"], seen["batches_received"]) == (["lamp"], 2)
    assert (made.catalog().state, made.catalog().items_confirmed) == (State.IN_STEP, 1)


def test_what_is_asked_for_during_a_look_is_not_lost(meta: Meta) -> None:
    made = shop(meta)
    made.sells("lamp")
    made.ask()
    claim = claim_due()
    assert claim is not None
    made.ask()
    push(claim)
    assert made.catalog().state == State.PUSHING, "one more look is to come"
    work()
    assert made.catalog().state == State.IN_STEP
    assert at_meta(made)["batches_received"] == 1


def test_features_with_a_catalog_are_looked_at_once_it_has_its_products(meta: Meta) -> None:
    made = shop(meta, "catalog", "page_card", "pixel")
    Activation.objects.update(due_at=None)
    made.sells("lamp")
    made.push()
    due = Activation.objects.exclude(due_at=None)
    assert set(due.values_list("feature__feature_type", flat=True)) == {"catalog", "page_card"}
    Activation.objects.update(due_at=None)
    made.push()
    assert not Activation.objects.exclude(due_at=None).exists(), "nothing was pushed"
