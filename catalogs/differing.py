"""What a catalog at Meta lacks: products that are new or changed, items whose product is gone; in portions."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalogs.models import Catalog, CatalogItem, Product
from mbe.assets import ADVISED_REQUESTS, SAFE_JSON_LENGTH
from mbe.products import request

MOST_ITEMS = ADVISED_REQUESTS
# Of the JSON of new and changed items; what is left is for deletions, each little more than an id.
MOST_JSON = SAFE_JSON_LENGTH * 2 // 3
READ_AT_ONCE = 250


@dataclass(frozen=True)
class Difference:
    """One item that Meta is to be told of; without a `digest` it is to be deleted."""

    item_id: str
    digest: str
    request: dict[str, Any]


@dataclass
class Place:
    """How far a catalog has been compared, by item id: whatever lies before is in batches, or was as it should be."""

    put: str = ""
    removed: str = ""


def to_put(catalog: Catalog, business_id: int, after: str = "") -> QuerySet[Product]:
    """Products behind `after` that Meta lacks or has otherwise, but for what it refused and what is on its way."""
    items = CatalogItem.objects.filter(catalog=catalog, item_id=OuterRef("item_id"), item_id__gt=after)
    settled = Q(
        Q(confirmed=OuterRef("digest")) & ~Q(refused=CatalogItem.DELETION),
        Q(refused=OuterRef("digest")),
        Q(batch__isnull=False),
        _connector=Q.OR,
    )
    return Product.objects.filter(~Exists(items.filter(settled)), business=business_id, item_id__gt=after)


def to_remove(catalog: Catalog, business_id: int, after: str = "") -> QuerySet[CatalogItem]:
    """Items behind `after` that Meta has, or may have, and whose product is gone."""
    items = CatalogItem.objects.filter(catalog=catalog, batch=None, item_id__gt=after)
    return without_product(items, business_id).exclude(confirmed="").exclude(refused=CatalogItem.DELETION)


def without_product(items: QuerySet[CatalogItem], business_id: int) -> QuerySet[CatalogItem]:
    """Those of these items of which the business has no product."""
    return items.filter(~Exists(Product.objects.filter(business=business_id, item_id=OuterRef("item_id"))))


def refused_since(catalog: Catalog, business_id: int) -> QuerySet[CatalogItem]:
    """Items whose change Meta refused and whose product is again as Meta has it: there is nothing to complain of."""
    refused = CatalogItem.objects.filter(catalog=catalog, batch=None).exclude(refused__in=("", CatalogItem.DELETION))
    same = Product.objects.filter(business=business_id, item_id=OuterRef("item_id"), digest=OuterRef("confirmed"))
    return refused.filter(Exists(same))


def next_portion(catalog: Catalog, business_id: int, place: Place) -> list[Difference]:
    """The next differences behind `place`, ordered by item id, no more than one call takes; moves the place on."""
    portion = list(_within_a_call(_puts(catalog, business_id, place.put)))
    if portion:
        place.put = portion[-1].item_id
    removals = to_remove(catalog, business_id, place.removed).order_by("item_id").values_list("item_id", flat=True)
    gone = [_removal(item_id) for item_id in removals[: MOST_ITEMS - len(portion)]]
    if gone:
        place.removed = gone[-1].item_id
    return sorted([*portion, *gone], key=lambda each: each.item_id)


def _puts(catalog: Catalog, business_id: int, after: str) -> Iterator[Difference]:
    # First the ids alone: the items themselves may be large, and a call may take only some of them.
    ids = list(to_put(catalog, business_id, after).order_by("item_id").values_list("item_id", flat=True)[:MOST_ITEMS])
    for first in range(0, len(ids), READ_AT_ONCE):
        some = ids[first : first + READ_AT_ONCE]
        products = Product.objects.filter(business=business_id, item_id__in=some).order_by("item_id")
        for item_id, digest, item in products.values_list("item_id", "digest", "item"):
            yield Difference(item_id, digest, request("UPDATE", {**item, "id": item_id}))


def _removal(item_id: str) -> Difference:
    return Difference(item_id, "", request("DELETE", {"id": item_id}))


def _within_a_call(differences: Iterator[Difference]) -> Iterator[Difference]:
    left = MOST_JSON
    for each in differences:
        left -= len(json.dumps(each.request, separators=(",", ":"))) + 1
        if left < 0:
            return
        yield each
