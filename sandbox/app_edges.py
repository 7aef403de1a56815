"""The edges of an app itself: to which webhooks it is subscribed (meta-api, 2.5)."""

from sandbox.graph_answers import GraphRefusal, dead_token
from sandbox.graph_call import Call, app_of_token
from sandbox.model import Json
from sandbox.page_edges import PAGE_FIELDS
from sandbox.route import Route
from sandbox.state import State
from sandbox.world import World

VERSION = "v25.0"
_FIELDS = {"user": ("fbe_install",), "page": tuple(PAGE_FIELDS)}


def find_app_edge(state: State, call: Call) -> Route | None:
    """The route of a call to an app, None for a path that names none."""
    app_id, _, edge = call.path.partition("/")
    is_known = call.method == "GET" and edge == "subscriptions" and app_id in state.apps
    return Route("app_subscriptions", "app", read_subscriptions) if is_known else None


def read_subscriptions(world: World, call: Call) -> Json:
    """`GET /{app}/subscriptions`, with the app's token: its callback, as it is registered or as the knobs say."""
    app = app_of_token(world.state, call.token)
    if app is None or call.path != f"{app.app_id}/subscriptions":
        raise GraphRefusal(dead_token(None))
    knobs = world.knobs.subscriptions
    callback_url = knobs.callback_url or app.callback_url
    if not callback_url:
        return {"data": []}
    rows = []
    for name, fields in _FIELDS.items():
        kept = [{"name": field, "version": VERSION} for field in fields if field not in knobs.missing_fields]
        rows.append({"object": name, "callback_url": callback_url, "active": not knobs.inactive, "fields": kept})
    return {"data": [row for row in rows if row["fields"]]}
