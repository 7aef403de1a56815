"""A shop whose products go to the catalogs of its features, and what the sandbox's catalogs hold of them."""

from dataclasses import dataclass
from typing import Any

import requests
from django.db.models import F

from catalogs.asking import ask
from catalogs.finding import look_at_changed
from catalogs.healing import resume_stopped
from catalogs.models import Catalog, CatalogItem, Product
from catalogs.pushing import drain
from features.models import Installation
from features.sync import sync_one
from mbe.products import digest
from partners.tenancy import tenant
from tests.meta import Meta


def item(price: str = "9.99 USD", **values: Any) -> dict[str, Any]:
    """What Meta takes as an item."""
    return {
        "title": "A lamp",
        "description": "It shines.",
        "availability": "in stock",
        "condition": "new",
        "price": price,
        "link": "https://shop.example/lamp",
        "image_link": "https://shop.example/lamp.jpg",
        "brand": "Lamps",
    } | values


@dataclass
class Shop:
    """A business that is connected in the sandbox, and synced."""

    meta: Meta
    installation: Installation

    def sells(self, *item_ids: str, **values: Any) -> None:
        """Have these products, new or changed, whoever brings them; nobody is asked to push them."""
        row = item(**values)
        Product.objects.bulk_create(
            [
                Product(
                    partner_id=self.installation.partner_id,
                    business_id=self.installation.business_id,
                    item_id=each,
                    item=row,
                    digest=digest({"id": each, **row}),
                )
                for each in item_ids
            ],
            update_conflicts=True,
            unique_fields=("business", "item_id"),
            update_fields=("item", "digest"),
        )

    def drops(self, *item_ids: str) -> None:
        """No longer have these products."""
        Product.objects.filter(business=self.installation.business_id, item_id__in=item_ids).delete()

    def ask(self) -> None:
        """Ask for the catalogs to be brought in step, as an intake does at its end."""
        with tenant(self.installation.partner_id):
            ask(self.installation.business_id)

    def push(self) -> None:
        """Ask, and do what is due."""
        self.ask()
        work()

    def sync(self) -> None:
        """Sync, and look at what it found."""
        sync_one(self.installation.partner_id, self.installation.pk)
        look_at_changed()

    def catalogs(self) -> list[Catalog]:
        """Its catalogs, in the order in which they were found."""
        return list(Catalog.objects.filter(installation=self.installation).order_by("pk"))

    def catalog(self) -> Catalog:
        """Its only catalog."""
        (catalog,) = self.catalogs()
        return catalog


def shop(meta: Meta, *features: str, name: str = "shop") -> Shop:
    """A shop with these features, after its first sync; batches are finished at the first look."""
    meta.turn_catalog(polls_until_finished=0)
    made = Shop(meta, meta.installation(name, *(features or ("catalog",))))
    made.sync()
    return made


def work() -> int:
    """What a worker does when it is woken."""
    look_at_changed()
    resume_stopped()
    return drain()


def retry_now() -> None:
    """Let no back-off and no limit hold anything."""
    Catalog.objects.exclude(due_at=None).update(due_at=F("found_at"), not_before=None)


def at_meta(shop: Shop, catalog: Catalog | None = None) -> dict[str, Any]:
    """What the sandbox's catalog holds and received: `count`, `ids`, `batches_received`, `requests_received`."""
    catalog_id = (catalog or shop.catalog()).catalog_id
    return dict(requests.get(f"{shop.meta.url}/sandbox/api/catalogs/{catalog_id}", timeout=10).json())


def refused(catalog: Catalog) -> dict[str, str]:
    """The items that Meta has not taken, with its words."""
    rows = CatalogItem.objects.filter(catalog=catalog).exclude(refused="")
    return dict(rows.values_list("item_id", "problem"))
