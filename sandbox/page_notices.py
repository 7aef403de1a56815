"""What happens on a Page, as Meta tells the apps that are subscribed to it (meta-api, 9.4)."""

import time

from sandbox.model import Json
from sandbox.page_edges import PAGE_FIELDS
from sandbox.state import State

_PERSON = "24680000000000001"


def subscribed(state: State, app_id: str, page_id: str, field: str) -> bool:
    """Whether the app has subscribed that Page to that field."""
    app = state.apps.get(app_id)
    return app is not None and field in app.page_fields.get(page_id, [])


def page_notice(state: State, page_id: str, field: str, value: Json) -> Json:
    """A whole body: a message for what belongs to Messenger, a change for the rest; `value` replaces parts of it."""
    now = int(time.time())
    entry: Json = {"id": page_id, "time": now}
    if PAGE_FIELDS.get(field) == "pages_messaging":
        entry["time"] = now * 1000
        entry["messaging"] = [_message(state, page_id, now) | value]
    else:
        entry["changes"] = [{"field": field, "value": _change(state, page_id, field, now) | value}]
    return {"object": "page", "entry": [entry]}


def _message(state: State, page_id: str, now: int) -> Json:
    message = {"mid": f"m_sandbox{state.new_id()}", "text": "Are you open on Sunday?"}
    people = {"sender": {"id": _PERSON}, "recipient": {"id": page_id}}
    return people | {"timestamp": now * 1000, "message": message}


def _change(state: State, page_id: str, field: str, now: int) -> Json:
    if field != "leadgen":
        return {"page_id": page_id, "created_time": now}
    ids = {name: state.new_id() for name in ("leadgen_id", "form_id", "ad_id", "adgroup_id")}
    return {"page_id": page_id, "created_time": now, **ids}
