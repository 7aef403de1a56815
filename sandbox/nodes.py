"""Single objects of the Graph API: which are a connection's own, of what kind, and what a read of one shows."""

from collections.abc import Iterator
from typing import Any

from sandbox.graph_answers import GraphRefusal, bad_parameter, not_visible
from sandbox.graph_call import Call, living_token
from sandbox.model import Connection, Json
from sandbox.permissions import require_scope
from sandbox.state import PAGE, State

KINDS = {
    "page_id": "page",
    "ig_profile_id": "instagram",
    "pixel_id": "pixel",
    "ad_account_id": "ad_account",
    "catalog_id": "catalog",
    "shop_catalog_id": "catalog",
    "commerce_merchant_settings_id": "shop",
}
AD_ACCOUNT_PREFIX = "act_"


def kinds_of_objects(connection: Connection) -> dict[str, str]:
    """Every object that the connection's tokens may name -> its kind; ad accounts with their prefix."""
    return {
        AD_ACCOUNT_PREFIX + object_id if kind == "ad_account" else object_id: kind
        for kind, object_id in _objects(connection)
        if object_id != "0"
    }


def _objects(connection: Connection) -> Iterator[tuple[str, str]]:
    yield "business", connection.business_manager_id
    for page_id in connection.chosen_pages:
        yield "page", page_id
        page = connection.page(page_id)
        if page:
            yield "instagram", page.ig_profile_id
    groups = [connection.assets, connection.top_level, *(one.connected_assets for one in connection.features)]
    for group in groups:
        yield from ((KINDS[name], str(value)) for name, value in group.items() if name in KINDS)


def kind_of(state: State, call: Call) -> str:
    """The kind of the object that the call's path begins with, "" when the token sees no such object."""
    token = state.tokens.get(call.token)
    connection = state.connections.get((token.app_id, token.external_business_id)) if token else None
    return kinds_of_objects(connection).get(object_id_of(call), "") if connection else ""


def object_id_of(call: Call) -> str:
    """The object that the call's path begins with."""
    return call.path.partition("/")[0]


def owned(state: State, call: Call, kind: str, *any_of: str) -> tuple[Connection, str]:
    """The connection of the call's token and the object that it is about, which must be the connection's own.

    A Page's token sees that Page only. One of the permissions `any_of` is needed, if any is named.
    """
    token = living_token(state, call)
    object_id = object_id_of(call)
    connection = state.connections[token.app_id, token.external_business_id]
    found = kinds_of_objects(connection).get(object_id)
    if found is None or (token.kind == PAGE and token.page_id != object_id):
        raise GraphRefusal(not_visible(object_id))
    if found != kind:
        raise GraphRefusal(bad_parameter(f"Tried accessing nonexisting field on node type ({found})"))
    if any_of:
        require_scope(connection, token, *any_of)
    return connection, object_id


def asked_fields(call: Call) -> list[str]:
    """The names in `fields`."""
    return [name.strip() for name in call.params.get("fields", "").split(",") if name.strip()]


def shown(call: Call, object_id: str, available: dict[str, Any]) -> Json:
    """The object with the fields asked for, or its name; what has no value is left out. An unknown field is refused."""
    names = asked_fields(call) or [name for name in ("name",) if name in available]
    if unknown := [name for name in names if name not in available and name != "id"]:
        raise GraphRefusal(bad_parameter(f"Tried accessing nonexisting field ({unknown[0]})"))
    fields = {name: available[name] for name in names if name != "id" and available[name] is not None}
    return fields | {"id": object_id}


def remembered(connection: Connection, object_id: str) -> Json:
    """What is remembered about that object, to read and to change."""
    return connection.objects.setdefault(object_id, {})
