"""A Page: what it is, its token, and the webhook fields that the app is subscribed to (meta-api, 9)."""

from sandbox.graph_answers import GraphRefusal, bad_parameter, error
from sandbox.graph_call import Call, living_token, required
from sandbox.model import Connection, Json
from sandbox.nodes import asked_fields, owned, shown
from sandbox.permissions import require_scope
from sandbox.state import PAGE
from sandbox.world import World

MANAGE = "pages_manage_metadata"
_LEADS = ("leadgen", "leadgen_update")
_MESSAGES = (
    "messages",
    "message_deliveries",
    "message_echoes",
    "message_edits",
    "message_reactions",
    "message_reads",
    "messaging_account_linking",
    "messaging_appointments",
    "messaging_handovers",
    "messaging_optins",
    "messaging_optouts",
    "messaging_policy_enforcement",
    "messaging_postbacks",
    "messaging_referrals",
    "marketing_message_clicks",
    "marketing_message_deliveries",
    "marketing_message_reads",
    "standby",
)
_OTHERS = ("feed", "mention", "name", "ratings", "conversations", "page_upcoming_change")
PAGE_FIELDS = {
    **dict.fromkeys(_OTHERS, ""),
    **dict.fromkeys(_LEADS, "leads_retrieval"),
    **dict.fromkeys(_MESSAGES, "pages_messaging"),
}


def read_page(world: World, call: Call) -> Json:
    """`GET /{page}`: `access_token` is a token of kind PAGE."""
    connection, page_id = owned(world.state, call, "page", "pages_show_list", MANAGE)
    page = connection.page(page_id)
    link = f"https://www.facebook.com/{page_id}"
    available = {"name": page.name if page else f"Page {page_id}", "link": link, "access_token": None}
    if "access_token" in asked_fields(call):
        asker = living_token(world.state, call)
        require_scope(connection, asker, MANAGE)
        available["access_token"] = world.state.page_token(connection, page_id, asker.scopes).token
        world.snapshot.changed()
    return shown(call, page_id, available)


def read_subscription(world: World, call: Call) -> Json:
    """`GET /{page}/subscribed_apps`: the token's app, if it is subscribed."""
    connection, page_id = _page_of_its_token(world, call)
    app = world.state.apps[connection.app_id]
    fields = app.page_fields.get(page_id)
    if not fields:
        return {"data": []}
    return {"data": [{"id": app.app_id, "name": app.name, "subscribed_fields": fields}]}


def subscribe(world: World, call: Call) -> Json:
    """`POST /{page}/subscribed_apps`: `subscribed_fields` replace those of before."""
    connection, page_id = _page_of_its_token(world, call)
    fields = [name.strip() for name in required(call, "subscribed_fields").strip("[]").replace('"', "").split(",")]
    for name in fields:
        if name not in PAGE_FIELDS:
            raise GraphRefusal(bad_parameter(f"Param subscribed_fields has no option {name}"))
        if scope := PAGE_FIELDS[name]:
            require_scope(connection, living_token(world.state, call), scope)
    world.state.apps[connection.app_id].page_fields[page_id] = list(dict.fromkeys(fields))
    world.snapshot.changed()
    return {"success": True}


def unsubscribe(world: World, call: Call) -> Json:
    """`DELETE /{page}/subscribed_apps`."""
    connection, page_id = _page_of_its_token(world, call)
    world.state.apps[connection.app_id].page_fields.pop(page_id, None)
    world.snapshot.changed()
    return {"success": True}


def _page_of_its_token(world: World, call: Call) -> tuple[Connection, str]:
    connection, page_id = owned(world.state, call, "page")
    token = living_token(world.state, call)
    if token.kind != PAGE:
        raise GraphRefusal(error(400, 210, "A page access token is required to request this resource."))
    require_scope(connection, token, MANAGE)
    return connection, page_id
