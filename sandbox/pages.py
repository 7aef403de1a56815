"""The sandbox's own pages: what it is, what is in it, and its knobs."""

import json
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from sandbox.control import handshake
from sandbox.knob_groups import KINDS_OF_FAULT, PATHS_OF_FAULT
from sandbox.knobs import Knobs
from sandbox.model import Json
from sandbox.world import current_world

pages = Blueprint("pages", __name__)
GROUPS = (("webhooks", "Webhooks"), ("graph", "Graph API"), ("configuration", "Configuration"), ("catalog", "Catalogs"))
TEXTS = {
    "webhooks": {
        "drop": "Lose every notice",
        "delay_seconds": "Deliver later, seconds",
        "duplicate": "Deliver everything twice",
        "reorder": "Deliver in the wrong order",
        "batch": "Notices in one body",
        "batch_wait_seconds": "Hold a notice back for at most, seconds",
        "retry_seconds": "First pause between tries, seconds",
        "v2_payloads": "v2: without installed_features",
        "bare_payloads": "Without the envelope: {data: […]}",
        "omit_token": "Without the access token",
        "business_integration": "Also send business_integration_* notices",
        "announce_configuration": "Tell of configuration written over the API too",
    },
    "graph": {
        "slow_seconds": "Answer late, seconds",
        "v2_payloads": "v2: installs without installed_features",
        "unknown_feature_types": "Installs with a type that nobody knows",
        "refuse_batch": "Refuse batches",
        "refuse_system_user_token": "Refuse system user tokens",
        "uninstall_reads": "What an app uninstalls is still there for so many reads",
        "uninstall_seconds": "What an app uninstalls is still there for so many seconds",
    },
    "configuration": {"removes_switched_off": "What is switched off is no longer installed"},
    "catalog": {"polls_until_finished": "A batch of items is in progress for so many looks"},
}
SHOWN_CONNECTIONS = 100
SHOWN_DELIVERIES = 30


@pages.errorhandler(ValueError)
def refused(refusal: ValueError) -> Response:
    """A form that cannot be used."""
    return make_response(render_template("dialog_error.html", reason=str(refusal)), 400)


@pages.get("/healthz")
def healthz() -> str:
    """The process lives."""
    return "ok"


@pages.get("/")
def front() -> str:
    """What this is, with links to everything."""
    return _front({})


@pages.post("/sandbox/verify")
def verify() -> str:
    """Ask an app's callback for its challenge, as Meta does when somebody enters it, and say how that went."""
    app_id = request.form.get("app_id", "")
    app = current_world().state.apps.get(app_id)
    if app is None:
        raise ValueError(f"no such app: {app_id}")
    return _front({app_id: handshake(app)})


def _front(verifications: dict[str, Json]) -> str:
    world = current_world()
    with world.state.lock:
        connections = list(world.state.connections.values())
        return render_template(
            "front.html",
            apps=list(world.state.apps.values()),
            connections=connections[-SHOWN_CONNECTIONS:][::-1],
            count=len(connections),
            verifications=verifications,
            url=world.public_url or request.url_root.rstrip("/"),
        )


@pages.get("/sandbox/")
def knobs() -> str:
    """The knobs, the counters and the last webhooks."""
    world = current_world()
    return render_template(
        "knobs.html",
        knobs=world.knobs.as_json(),
        kinds=KINDS_OF_FAULT,
        paths=PATHS_OF_FAULT,
        groups=GROUPS,
        texts=TEXTS,
        deliveries=[one | {"summary": _summary(one["body"])} for one in world.postman.log()[:SHOWN_DELIVERIES]],
        waiting=world.postman.waiting(),
        meter=world.meter.as_json(),
    )


@pages.post("/sandbox/")
def turn() -> AnyResponse:
    """Turn every knob of the form, or do what its button says."""
    world = current_world()
    match request.form.get("action"):
        case "reset_knobs":
            world.knobs.reset()
        case "flush":
            world.postman.flush()
        case "reset":
            world.reset(("connections", "knobs", "webhooks", "counters"))
        case "fault":
            world.knobs.update({"graph": {"fail_next": _faults(world.knobs)}})
        case _:
            world.knobs.update({group: _values(group, world.knobs.as_json()[group]) for group, _ in GROUPS})
    return redirect(url_for("pages.knobs"), 303)


def _values(group: str, current: Json) -> Json:
    return {name: _value(request.form.get(f"{group}-{name}", ""), current[name]) for name in TEXTS[group]}


def _value(text: str, current: Any) -> Any:
    """What a field of the form means; one that cannot be read leaves the knob as it is."""
    if isinstance(current, bool):
        return text == "on"
    try:
        return type(current)(text)
    except ValueError:
        return current


def _faults(knobs: Knobs) -> list[Json]:
    given: Json = {name: request.form.get(name, "") for name in ("kind", "path", "external_business_id")}
    for name, kind in (("count", int), ("subcode", int), ("minutes", int), ("seconds", float)):
        if request.form.get(name):
            given[name] = kind(request.form[name])
    return [*knobs.as_json()["graph"]["fail_next"], given]


def _summary(body: str) -> str:
    """A body in a few words: fields, events and businesses."""
    try:
        entries = json.loads(body)["entry"]
        messages = [{"field": "message on a Page", "value": {}} for one in entries for _ in one.get("messaging", [])]
        changes = [*messages, *(change for entry in entries for change in entry.get("changes", []))]
    except (ValueError, LookupError, TypeError):
        return "a body without an envelope"
    words = [
        [change["field"], change["value"].get("fbe_event", ""), change["value"].get("business_id", "")]
        for change in changes
    ]
    return "; ".join(" ".join(filter(None, one)) for one in words)
