"""The Graph API: finds what a call asks for, applies the faults, counts."""

import time
from collections.abc import Callable
from urllib.parse import urlencode

from sandbox.fbe_business import read_configuration, read_installs, uninstall_all, write_configuration
from sandbox.graph_answers import Answer, GraphRefusal, echoed, error, failure, success, truncated
from sandbox.graph_call import Call
from sandbox.knobs import Fault
from sandbox.model import Json
from sandbox.oauth import access_token, debug_token, system_user_token
from sandbox.world import World

Edge = Callable[[World, Call], Json]

# (method, path) -> kind that counters name, path that faults name, edge
EDGES: dict[tuple[str, str], tuple[str, str, Edge]] = {
    ("GET", "fbe_business/fbe_installs"): ("installs", "installs", read_installs),
    ("DELETE", "fbe_business/fbe_installs"): ("uninstall", "installs", uninstall_all),
    ("GET", "fbe_business"): ("configuration", "configuration", read_configuration),
    ("POST", "fbe_business"): ("configuration_write", "configuration", write_configuration),
    ("GET", "oauth/access_token"): ("token", "token", access_token),
    ("POST", "oauth/access_token"): ("token", "token", access_token),
    ("GET", "debug_token"): ("debug_token", "token", debug_token),
}


def find_edge(call: Call) -> tuple[str, str, Edge]:
    """Kind, fault path and edge of a call; an unknown path is Meta's error 2500."""
    if (call.method, call.path) in EDGES:
        return EDGES[call.method, call.path]
    node, _, edge = call.path.partition("/")
    if call.method == "POST" and edge == "access_token" and node.isdecimal():
        return "system_user_token", "token", system_user_token
    return "unknown", "", _unknown


def _unknown(world: World, call: Call) -> Json:
    raise GraphRefusal(error(404, 2500, f"Unknown path components: /{call.path}"))


def answer(world: World, call: Call, *, in_batch: bool = False) -> Answer | None:
    """The answer to one call; None is a call that was not finished in time, which only a batch can say."""
    kind, path, edge = find_edge(call)
    if not in_batch:
        world.meter.request(kind)
    with world.meter.operation(kind, call.external_business_id):
        fault = world.knobs.take_fault(path, call.external_business_id, in_batch=in_batch)
        pause(world, fault, in_batch=in_batch)
        if fault is None or fault.kind in ("slow", "truncated"):
            real = _real(world, call, edge)
            return truncated(real) if fault and fault.kind == "truncated" else real
        if fault.kind in ("echo", "echo_page"):
            return echoed(_words_of(call), on_a_page=fault.kind == "echo_page")
        if fault.kind == "unfinished" and in_batch:
            return None
        return failure(fault, call.external_business_id, business_manager_of(world, call)) or unfinished()


def _words_of(call: Call) -> str:
    params = " ".join(f"{name} {value}" for name, value in call.params.items())
    return f"{call.method} /{call.path}?{urlencode(call.params)} with {params} for the token {call.token}"


def unfinished() -> Answer:
    """What a single call, or a whole batch, says when it was not finished in time."""
    return error(500, 1, "An unknown error occurred", is_transient=True)


def pause(world: World, fault: Fault | None, *, in_batch: bool = False) -> None:
    """Be slow: as the knob says once for each request, and as the fault says."""
    seconds = 0.0 if in_batch else world.knobs.graph.slow_seconds
    if fault and fault.kind == "slow":
        seconds += fault.seconds
    if seconds:
        time.sleep(seconds)


def _real(world: World, call: Call, edge: Edge) -> Answer:
    try:
        with world.state.lock:
            return success(edge(world, call))
    except GraphRefusal as refusal:
        return refusal.answer


def business_manager_of(world: World, call: Call) -> str:
    """The Business Manager that a rate limit names."""
    token = world.state.tokens.get(call.token)
    connection = world.state.connections.get((token.app_id, token.external_business_id)) if token else None
    return connection.business_manager_id if connection else ""
