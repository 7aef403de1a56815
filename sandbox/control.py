"""The control API, for whoever seeds, tests or measures: apps, connections, webhooks, state, knobs, reset."""

import json

import requests
from flask import Blueprint, Response, jsonify, make_response, request

from sandbox.connecting import change, connect, connection_json
from sandbox.knobs import KnobRefused
from sandbox.model import Connection, Json, MetaApp
from sandbox.page_edges import PAGE_FIELDS
from sandbox.page_notices import page_notice, subscribed
from sandbox.world import PARTS, current_world

control = Blueprint("control", __name__, url_prefix="/sandbox/api")
HANDSHAKE_SECONDS = 3.0
_APP_FIELDS = ("app_secret", "name", "callback_url", "verify_token", "features", "auth_url", "mbe_version")


class ControlRefused(Exception):
    """A body that cannot be used; the message says why."""


@control.errorhandler(ControlRefused)
@control.errorhandler(KnobRefused)
def refused(refusal: Exception) -> Response:
    """400 with the reason."""
    return make_response(jsonify(error=str(refusal)), 400)


@control.post("/apps")
def apps() -> Response:
    """Make an app or update what is given; tries the webhook's verification and says how it went.

    With `mbe_version` ("v2", "v3") all connections of the app answer in that version from now on.
    """
    world, body = current_world(), _body()
    app_id = _text(body, "app_id")
    if body.get("mbe_version", "v3") not in ("v2", "v3"):
        raise ControlRefused("mbe_version is v2 or v3")
    with world.state.lock:
        app = world.state.apps.setdefault(app_id, MetaApp(app_id, ""))
        for name in _APP_FIELDS:
            if name in body:
                setattr(app, name, body[name])
    world.snapshot.changed()
    return jsonify(vars(app) | {"app_secret": "***", "verification": handshake(app)})


def handshake(app: MetaApp) -> Json:
    """Meta's verification request to the callback URL: {"ok", "status", "error"}."""
    if not app.callback_url:
        return {"ok": False, "status": None, "error": "no callback_url"}
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": app.verify_token}
    try:
        answer = requests.get(app.callback_url, query, timeout=HANDSHAKE_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        return {"ok": False, "status": None, "error": type(error).__name__}
    is_right = answer.status_code == 200 and answer.text == query["hub.challenge"]
    return {"ok": is_right, "status": answer.status_code, "error": "" if is_right else "wrong answer"}


@control.post("/connections")
def connections() -> Response:
    """Connect businesses without the dialog: one by its id, or `count` of them named `prefix` + 1, 2, …

    Where `brief` is true, each of the many answers with `external_business_id` and `access_token` alone.
    """
    world, body = current_world(), _body()
    app_id = _text(body, "app_id")
    if app_id not in world.state.apps:
        raise ControlRefused(f"no such app: {app_id}")
    if "count" not in body:
        return jsonify(connect(world, app_id, _text(body, "external_business_id"), body))
    prefix = str(body.get("prefix", "biz-"))
    numbers = range(1, int(body["count"]) + 1)
    made = (connect(world, app_id, f"{prefix}{number}", body) for number in numbers)
    if body.get("brief") is True:
        return jsonify([{name: one[name] for name in ("external_business_id", "access_token")} for one in made])
    return jsonify(list(made))


@control.patch("/connections/<path:external_business_id>")
def connection(external_business_id: str) -> Response:
    """Change a connection; `app_id` is needed only where several apps have one of that name."""
    world, body = current_world(), _body()
    with world.state.lock:
        found = [
            one
            for key, one in world.state.connections.items()
            if key[1] == external_business_id and body.get("app_id") in (None, key[0])
        ]
        if len(found) != 1:
            raise ControlRefused(f"{len(found)} connections of that name")
        return jsonify(change(world, found[0], body))


@control.post("/webhooks")
def webhooks() -> Response:
    """Send `body` (a JSON value, or a text sent as it is) to the app, signed unless `sign` is false."""
    world, body = current_world(), _body()
    content = body.get("body")
    raw = content if isinstance(content, str) else json.dumps(content)
    number = world.postman.post_body(_text(body, "app_id"), raw.encode(), is_signed=body.get("sign", True) is True)
    return jsonify(delivery_id=number)


@control.post("/page_notices")
def page_notices() -> Response:
    """Tell the app what happened on a Page, if it has subscribed the Page to `field`; `value` replaces parts of it."""
    world, body = current_world(), _body()
    app_id, page_id, field = (_text(body, name) for name in ("app_id", "page_id", "field"))
    if field not in PAGE_FIELDS:
        raise ControlRefused(f"no such field of a Page: {field}")
    with world.state.lock:
        if not subscribed(world.state, app_id, page_id, field):
            return jsonify(sent=False)
        notice = page_notice(world.state, page_id, field, dict(body.get("value") or {}))
    number = world.postman.post_body(app_id, json.dumps(notice).encode())
    return jsonify(sent=True, delivery_id=number)


@control.get("/catalogs/<catalog_id>")
def catalog(catalog_id: str) -> Response:
    """What a catalog holds and what it received: `count`, `batches_received`, `requests_received`, the first `ids`."""
    world = current_world()
    with world.catalogs.lock:
        return jsonify(world.catalogs.of(catalog_id).as_json())


@control.post("/webhooks/flush")
def flush() -> Response:
    """Release notices held back for a batch or another order."""
    current_world().postman.flush()
    return jsonify(ok=True)


@control.get("/state")
def state() -> Response:
    """Apps, connections, webhooks, counters, knobs; `?app_id=` and `?external_business_id=` narrow the connections."""
    world = current_world()
    with world.state.lock:
        shown = [connection_json(one) for one in world.state.connections.values() if _is_asked_for(one)]
        apps_shown = [vars(app) | {"app_secret": "***"} for app in world.state.apps.values()]
    counters = world.meter.as_json()
    log, waiting = world.postman.log(), world.postman.waiting()
    return jsonify(apps=apps_shown, connections=shown, webhooks=log, webhooks_waiting=waiting, **counters)


def _is_asked_for(one: Connection) -> bool:
    asked = request.args
    return asked.get("app_id", one.app_id) == one.app_id and (
        asked.get("external_business_id", one.external_business_id) == one.external_business_id
    )


@control.get("/knobs")
def knobs() -> Response:
    """Every knob."""
    return jsonify(current_world().knobs.as_json())


@control.put("/knobs")
def turn_knobs() -> Response:
    """Turn the knobs that are named."""
    world = current_world()
    world.knobs.update(_body())
    return jsonify(world.knobs.as_json())


@control.delete("/knobs")
def reset_knobs() -> Response:
    """Every knob as it was at the start."""
    world = current_world()
    world.knobs.reset()
    return jsonify(world.knobs.as_json())


@control.post("/reset")
def reset() -> Response:
    """Forget everything, or only the parts listed in `only`: apps, connections, knobs, webhooks, counters."""
    only = _body(may_be_empty=True).get("only", PARTS)
    if not set(only) <= set(PARTS):
        raise ControlRefused(f"only may list {', '.join(PARTS)}")
    current_world().reset(tuple(only))
    return jsonify(ok=True)


def _body(*, may_be_empty: bool = False) -> Json:
    body = request.get_json(force=True, silent=True)
    if may_be_empty and not request.data:
        return {}
    if not isinstance(body, dict):
        raise ControlRefused("the body must be a JSON object")
    return body


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ControlRefused(f"{name} is required")
    return value
