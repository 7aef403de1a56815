"""Batch requests: up to 50 calls in one, each with a token of its own."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox.graph import answer, business_manager_of, find_edge, pause, spoil, unfinished
from sandbox.graph_answers import Answer, bad_parameter, error, failure, success
from sandbox.graph_call import Call, check_outer_token
from sandbox.model import Json
from sandbox.world import World

LARGEST = 50
_VERSION = re.compile(r"^v\d+(\.\d+)?/")


def answer_batch(world: World, call: Call, version: str) -> Answer:
    """The list of answers in the order of the operations, each body as text; HTTP 200 whatever is in it."""
    calls = _calls(call)
    world.meter.batch({find_edge(world, one).kind for one in calls or ()})
    fault = world.knobs.take_fault("batch", "")
    pause(world, fault)
    if fault is None or fault.kind in ("slow", "truncated", "lost_answer"):
        real = _answers(world, call, calls, version)
        return spoil(real, fault) if fault else real
    return failure(fault, "", business_manager_of(world, call)) or unfinished()


def _answers(world: World, call: Call, calls: list[Call] | None, version: str) -> Answer:
    if world.knobs.graph.refuse_batch:
        return error(400, 3, "Application does not have the capability to make this API call")
    if refused := check_outer_token(world.state, call):
        return refused
    if calls is None:
        return bad_parameter("Param batch must be an array of objects")
    if len(calls) > LARGEST:
        message = f"Too many requests in batch message. Maximum batch size is {LARGEST}"
        return error(400, 0, message, kind="GraphBatchException")
    with_headers = call.params.get("include_headers", "true") != "false"
    return success([_element(world, one, version, with_headers) for one in calls])


def _calls(batch: Call) -> list[Call] | None:
    """The calls in a batch; None where they cannot be read."""
    try:
        operations = json.loads(batch.params.get("batch", ""))
    except ValueError:
        return None
    is_right = isinstance(operations, list) and all(isinstance(one, dict) for one in operations)
    return [_call(one, batch.token) for one in operations] if is_right else None


def _call(operation: Json, outer_token: str) -> Call:
    url = urlsplit(str(operation.get("relative_url", "")))
    params = dict(parse_qsl(url.query, keep_blank_values=True))
    params |= dict(parse_qsl(str(operation.get("body", "")), keep_blank_values=True))
    token = operation.get("access_token") or params.pop("access_token", "") or outer_token
    path = _VERSION.sub("", url.path.strip("/"))
    return Call(str(operation.get("method", "GET")).upper(), path, params, str(token))


def _element(world: World, call: Call, version: str, with_headers: bool) -> Any:
    one = answer(world, call, in_batch=True)
    if one is None:
        return None
    element: Json = {"code": one.status}
    if with_headers:
        headers = {"Content-Type": one.content_type, "facebook-api-version": version, **one.headers}
        element["headers"] = [{"name": name, "value": value} for name, value in headers.items()]
    element["body"] = one.body
    return element
