"""A catalog: what it is, its items, and the batches that change them (meta-api, 9.2)."""

from hashlib import blake2b
from itertools import islice
from typing import Any

from sandbox.catalog_items import MalformedRequest, read_requests
from sandbox.catalogs import Batch, price_of
from sandbox.graph_answers import GraphRefusal, bad_parameter
from sandbox.graph_call import Call, json_list, required
from sandbox.model import Connection, Json
from sandbox.nodes import asked_fields, owned, shown
from sandbox.world import World

SCOPE = "catalog_management"
MOST_REQUESTS = 5_000
PRODUCTS_ON_A_PAGE, MOST_PRODUCTS_ON_A_PAGE = 25, 1_000
_PRODUCT_FIELDS = ("id", "retailer_id", "price")


def read_catalog(world: World, call: Call) -> Json:
    """`GET /{catalog}`: `product_count` counts what has taken effect."""
    connection, catalog_id = _catalog(world, call)
    count = len(world.catalogs.of(catalog_id).items)
    available = {"name": f"{connection.name}, products", "product_count": count, "vertical": "commerce"}
    return shown(call, catalog_id, available)


def take_batch(world: World, call: Call) -> Json:
    """`POST /{catalog}/items_batch`: takes effect when its handle is finished, and each item on its own."""
    _, catalog_id = _catalog(world, call)
    if required(call, "item_type") != "PRODUCT_ITEM":
        raise GraphRefusal(bad_parameter("Param item_type must be PRODUCT_ITEM"))
    try:
        requests = read_requests(json_list(call, "requests", MOST_REQUESTS))
    except MalformedRequest as problem:
        raise GraphRefusal(bad_parameter(str(problem))) from None
    if not requests:
        raise GraphRefusal(bad_parameter("The parameter requests is required"))
    allow_upsert = call.params.get("allow_upsert", "true").lower() not in ("false", "0")
    knobs = world.knobs.catalog
    handle = f"AcSandbox{world.state.new_id()}"
    looks, refused_ids = knobs.polls_until_finished, frozenset(knobs.refuse_ids)
    with world.catalogs.lock:
        world.catalogs.of(catalog_id).take(handle, requests, looks, refused_ids, allow_upsert=allow_upsert)
    world.catalog_snapshot.changed()
    return {"handles": [handle]}


def read_batch_status(world: World, call: Call) -> Json:
    """`GET /{catalog}/check_batch_request_status`: `line` of an error counts from 0."""
    _, catalog_id = _catalog(world, call)
    with world.catalogs.lock:
        batch = world.catalogs.of(catalog_id).look(required(call, "handle"))
    if batch is None:
        raise GraphRefusal(bad_parameter("Invalid parameter: handle"))
    if batch.is_finished:
        world.catalog_snapshot.changed()
    return {"data": [_status(batch)]}


def _status(batch: Batch) -> Json:
    errors = batch.errors if batch.is_finished else []
    return {
        "handle": batch.handle,
        "status": "finished" if batch.is_finished else "in_progress",
        "errors_total_count": len(errors),
        "errors": errors,
        "warnings_total_count": 0,
        "warnings": [],
        "ids_of_invalid_requests": [one["id"] for one in errors],
    }


def read_products(world: World, call: Call) -> Json:
    """`GET /{catalog}/products`, in pages; only `id`, `retailer_id` and `price` are kept of an item."""
    _, catalog_id = _catalog(world, call)
    names = asked_fields(call) or list(_PRODUCT_FIELDS)
    if unknown := [name for name in names if name not in _PRODUCT_FIELDS]:
        raise GraphRefusal(bad_parameter(f"The sandbox keeps no field {unknown[0]} of a product"))
    limit = _limit(call)
    after = call.params.get("after", "")
    with world.catalogs.lock:
        catalog = world.catalogs.of(catalog_id)
        if after and after not in catalog.items:
            raise GraphRefusal(bad_parameter("Invalid cursor"))
        rows = list(islice(catalog.after(after), limit + 1))
    page: Json = {"data": [_product(catalog_id, item_id, kept, names) for item_id, kept in rows[:limit]]}
    if page["data"]:
        page["paging"] = {"cursors": {"before": rows[0][0], "after": rows[:limit][-1][0]}}
    if len(rows) > limit:
        page["paging"]["next"] = f"/{catalog_id}/products?limit={limit}&after={rows[limit - 1][0]}"
    return page


def _product(catalog_id: str, item_id: str, kept: bytes, names: list[str]) -> Json:
    number = int.from_bytes(blake2b(f"{catalog_id}/{item_id}".encode(), digest_size=7).digest())
    fields: dict[str, Any] = {"id": str(number), "retailer_id": item_id, "price": price_of(kept)}
    return {name: fields[name] for name in {"id": 0, **dict.fromkeys(names)}}


def _limit(call: Call) -> int:
    limit = call.params.get("limit", str(PRODUCTS_ON_A_PAGE))
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST_PRODUCTS_ON_A_PAGE:
        raise GraphRefusal(bad_parameter(f"Param limit must be from 1 to {MOST_PRODUCTS_ON_A_PAGE}"))
    return int(limit)


def _catalog(world: World, call: Call) -> tuple[Connection, str]:
    return owned(world.state, call, "catalog", SCOPE)
