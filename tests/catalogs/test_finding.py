"""Which catalogs there are: they come and go with the features that name them."""

from importlib import import_module

import pytest
from django.db import connection

from catalogs.finding import features_with, look_at_changed
from catalogs.forgetting import FORGOTTEN_AT_ONCE
from catalogs.models import Catalog, CatalogItem
from features.models import Feature, Installation
from tests.catalogs.shops import Shop, at_meta, shop, work
from tests.factories import FeatureFactory, InstallationFactory
from tests.meta import Meta, hint

State = Catalog.State


def changed(made: Shop, **wish: object) -> None:
    """Change the connection at Meta, and let the next sync find it."""
    made.meta.change("shop", **wish)
    hint(made.installation)
    made.sync()


def test_a_second_catalog_that_appears_later_gets_the_whole_set(meta: Meta) -> None:
    made = shop(meta)
    made.sells("lamp", "chair")
    made.push()
    changed(made, add=["fb_shop"])
    assert work() > 0
    first, second = made.catalogs()
    assert at_meta(made, second)["count"] == 2 and second.state == State.IN_STEP
    assert at_meta(made, first)["batches_received"] == 1, "the first one is left alone"


def test_a_catalog_ends_with_the_last_feature_that_uses_it(meta: Meta) -> None:
    made = shop(meta, "catalog", "page_card")
    made.sells("lamp")
    made.push()
    changed(made, remove=["catalog"])
    assert made.catalog().state == State.IN_STEP, "page_card uses it still"
    changed(made, remove=["page_card"])
    work()
    catalog = made.catalog()
    assert catalog.state == State.ENDED and catalog.ended_at is not None and catalog.due_at is None
    assert not CatalogItem.objects.exists(), "what was known of it is forgotten"
    made.push()
    assert at_meta(made)["batches_received"] == 1


def test_a_catalog_that_comes_back_gets_the_whole_set_and_deletes_nothing(meta: Meta) -> None:
    made = shop(meta)
    made.sells("lamp", "chair")
    made.push()
    catalog_id = made.catalog().catalog_id
    changed(made, remove=["catalog"])
    made.drops("chair")
    changed(made, add=["catalog"])
    work()
    catalog = made.catalog()
    assert (catalog.catalog_id, catalog.state, catalog.items_confirmed) == (catalog_id, State.IN_STEP, 1)
    assert catalog.ended_at is None
    assert at_meta(made)["requests_received"] == 3
    assert at_meta(made)["count"] == 2, "others may have put the chair there meanwhile"


def test_another_catalog_of_the_same_feature_ends_the_first(meta: Meta) -> None:
    made = shop(meta)
    made.sells("lamp")
    made.push()
    changed(made, connected_assets={"catalog": {"catalog_id": "new"}})
    work()
    first, second = made.catalogs()
    assert (first.state, second.state) == (State.ENDED, State.IN_STEP)
    assert at_meta(made, second)["count"] == 1


def test_an_uninstall_ends_the_catalogs_without_a_call(meta: Meta) -> None:
    made = shop(meta)
    made.sells("lamp")
    made.push()
    meta.change("shop", uninstall=True, keep_tokens=True)
    hint(made.installation)
    made.sync()
    work()
    assert made.catalog().state == State.ENDED and made.catalog().due_at is None


def test_zero_is_no_catalog_and_types_do_not_matter(db: None) -> None:
    installation = InstallationFactory.create(state=Installation.State.CONNECTED)
    for feature_type, catalog_id in (("catalog", "0"), ("hologram_booth", 71), ("pixel", None), ("ads", ["72"])):
        FeatureFactory.create(
            installation=installation, feature_type=feature_type, connected_assets={"catalog_id": catalog_id}
        )
    FeatureFactory.create(installation=installation, connected_assets={})
    Installation.objects.update(catalogs_changed_at="2026-11-01T00:00Z")
    assert look_at_changed() == 1
    catalog = Catalog.objects.get()
    assert catalog.catalog_id == "71"
    assert Feature.objects.get(feature_type="hologram_booth").pk == features_with(catalog)[0]
    assert look_at_changed() == 0, "the mark is gone"


def test_more_than_one_portion_is_forgotten(meta: Meta) -> None:
    made = shop(meta)
    work()
    catalog = made.catalog()
    CatalogItem.objects.bulk_create(
        CatalogItem(partner_id=catalog.partner_id, catalog=catalog, item_id=f"sku-{number}")
        for number in range(FORGOTTEN_AT_ONCE + 1)
    )
    changed(made, remove=["catalog"])
    work()
    assert not CatalogItem.objects.exists() and not made.catalog().is_to_forget


@pytest.mark.django_db
def test_installations_from_before_there_were_catalogs_are_looked_at(meta: Meta) -> None:
    made = shop(meta, "catalog")
    other = shop(meta, "pixel", name="other")
    Catalog.objects.all().delete()
    assert look_at_changed() == 0
    from_before = import_module("catalogs.migrations.0003_look_at_catalogs_known_before")
    with connection.cursor() as cursor:
        cursor.execute(from_before.MARK)
    assert look_at_changed() == 1
    assert made.catalog().state == State.WAITING and other.catalogs() == []
