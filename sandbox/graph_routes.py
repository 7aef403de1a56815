"""The Graph API over HTTP, with a version in front of the path or without."""

import json
from typing import Any

from flask import Blueprint, Response, request

from sandbox.batch import answer_batch
from sandbox.graph import answer, unfinished
from sandbox.graph_answers import Answer, error
from sandbox.graph_call import Call
from sandbox.model import Json
from sandbox.world import current_world

DEFAULT_VERSION = "25.0"
MOST_BODY_BYTES = 28 * 1024 * 1024
graph = Blueprint("graph", __name__)


@graph.post("/")
def batch_without_version() -> Response:
    """A batch without a version."""
    return batch(DEFAULT_VERSION)


@graph.post("/v<version>", strict_slashes=False)
@graph.post("/v<version>/")
def batch(version: str) -> Response:
    """A batch."""
    return _response(answer_batch(current_world(), _read_call(""), f"v{version}"), version)


@graph.route("/<any(fbe_business, oauth, debug_token):node>", methods=["GET", "POST", "DELETE"])
@graph.route("/<any(fbe_business, oauth, debug_token):node>/<path:edge>", methods=["GET", "POST", "DELETE"])
def without_version(node: str, edge: str = "") -> Response:
    """One call without a version."""
    return single(DEFAULT_VERSION, f"{node}/{edge}")


@graph.route("/v<version>/<path:path>", methods=["GET", "POST", "DELETE"])
def single(version: str, path: str) -> Response:
    """One call."""
    if (request.content_length or 0) > MOST_BODY_BYTES:
        return _response(error(413, 1, "The request is too large"), version)
    return _response(answer(current_world(), _read_call(path)) or unfinished(), version)


def _read_call(path: str) -> Call:
    params: dict[str, str] = request.args.to_dict() | request.form.to_dict() | _json_params()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "oauth"):
        token = ""
    in_params = params.pop("access_token", "")
    return Call(request.method, path.strip("/"), params, token.strip() or in_params)


def _json_params() -> Json:
    body: Any = request.get_json(silent=True) if request.is_json else None
    if not isinstance(body, dict):
        return {}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()}


def _response(one: Answer, version: str) -> Response:
    answered = current_world().knobs.graph.answered_version or f"v{version}"
    headers = {"facebook-api-version": answered, "Cache-Control": "no-store", **one.headers}
    return Response(one.body, one.status, headers, content_type=one.content_type)
