"""The edges of single objects: which answers a call to `/{object}` or `/{object}/{edge}`."""

import re

from sandbox.asset_edges import not_there, read_ad_account, read_business, read_instagram, read_shop
from sandbox.catalog_edges import read_batch_status, read_catalog, read_products, take_batch
from sandbox.graph_call import Call
from sandbox.nodes import kind_of, object_id_of
from sandbox.oauth import system_user_token
from sandbox.page_edges import read_page, read_subscription, subscribe, unsubscribe
from sandbox.pixel_edges import read_pixel, read_stats, send_events
from sandbox.route import Route
from sandbox.state import State

_OBJECT = re.compile(r"^(act_)?\d+$")

EDGES: dict[tuple[str, str], Route] = {
    ("POST", "access_token"): Route("system_user_token", "token", system_user_token),
    ("GET", "subscribed_apps"): Route("subscription", "subscription", read_subscription),
    ("POST", "subscribed_apps"): Route("subscription_write", "subscription", subscribe),
    ("DELETE", "subscribed_apps"): Route("subscription_write", "subscription", unsubscribe),
    ("POST", "events"): Route("events", "events", send_events),
    ("GET", "stats"): Route("pixel_stats", "pixel", read_stats),
    ("POST", "items_batch"): Route("items_batch", "items_batch", take_batch),
    ("GET", "check_batch_request_status"): Route("batch_status", "batch_status", read_batch_status),
    ("GET", "products"): Route("products", "catalog", read_products),
}
# Kind of the object -> what reads it.
NODES: dict[str, Route] = {
    "page": Route("page", "page", read_page),
    "pixel": Route("pixel", "pixel", read_pixel),
    "catalog": Route("catalog", "catalog", read_catalog),
    "ad_account": Route("ad_account", "asset", read_ad_account),
    "business": Route("business", "asset", read_business),
    "instagram": Route("instagram", "asset", read_instagram),
    "shop": Route("shop", "asset", read_shop),
}
_NOT_THERE = Route("asset", "asset", not_there)


def find_object_edge(state: State, call: Call) -> Route | None:
    """The route of a call to an object, None for a path that names none."""
    if not _OBJECT.match(object_id_of(call)):
        return None
    edge = call.path.partition("/")[2]
    if edge:
        return EDGES.get((call.method, edge))
    return NODES.get(kind_of(state, call), _NOT_THERE) if call.method == "GET" else None
