"""The Graph API: finds what a call asks for, applies the faults, counts."""

import time
from urllib.parse import urlencode

from sandbox.app_edges import find_app_edge
from sandbox.fbe_business import read_configuration, read_installs, uninstall_all, write_configuration
from sandbox.graph_answers import Answer, GraphRefusal, echoed, error, failure, lost, success, truncated
from sandbox.graph_call import Call
from sandbox.knob_groups import Fault
from sandbox.model import Connection, Json
from sandbox.oauth import access_token, debug_token
from sandbox.object_edges import find_object_edge
from sandbox.route import Edge, Route
from sandbox.world import World

# (method, path) -> route
EDGES: dict[tuple[str, str], Route] = {
    ("GET", "fbe_business/fbe_installs"): Route("installs", "installs", read_installs),
    ("DELETE", "fbe_business/fbe_installs"): Route("uninstall", "uninstall", uninstall_all),
    ("GET", "fbe_business"): Route("configuration", "configuration", read_configuration),
    ("POST", "fbe_business"): Route("configuration_write", "configuration_write", write_configuration),
    ("GET", "oauth/access_token"): Route("token", "token", access_token),
    ("POST", "oauth/access_token"): Route("token", "token", access_token),
    ("GET", "debug_token"): Route("debug_token", "token", debug_token),
}
# What is secret about a call, and what is too long to be its name.
_UNNAMED = {"appsecret_proof", "client_secret", "code", "fb_exchange_token", "input_token", "access_token"}
_LONGEST_NAME = 300
_LOOK_SECONDS = 0.01


def find_edge(world: World, call: Call) -> Route:
    """The route of a call; an unknown path is Meta's error 2500."""
    known = EDGES.get((call.method, call.path))
    with world.state.lock:
        app_edge = find_app_edge(world.state, call)
        return known or app_edge or find_object_edge(world.state, call) or Route("unknown", "", _unknown)


def _unknown(world: World, call: Call) -> Json:
    raise GraphRefusal(error(404, 2500, f"Unknown path components: /{call.path}"))


def answer(world: World, call: Call, *, in_batch: bool = False) -> Answer | None:
    """The answer to one call; None is a call that was not finished in time, which only a batch can say."""
    route = find_edge(world, call)
    if not in_batch:
        world.meter.request(route.kind)
    world.meter.call(_name_of(call))
    with world.meter.operation(route.kind, call.external_business_id):
        fault = world.knobs.take_fault(route.path, _business_of(world, call), in_batch=in_batch)
        pause(world, fault, in_batch=in_batch)
        _wait_while_held(world, route.path)
        if fault is None:
            return _real(world, call, route.edge)
        if fault.kind == "unfinished" and in_batch:
            return None
        return _spoiled(world, call, route, fault)


def _spoiled(world: World, call: Call, route: Route, fault: Fault) -> Answer:
    """The answer under a fault; some faults come after the call took effect."""
    if fault.kind in ("slow", "truncated", "lost_answer"):
        return spoil(_real(world, call, route.edge), fault)
    if fault.kind in ("echo", "echo_page"):
        return echoed(_words_of(call), on_a_page=fault.kind == "echo_page")
    object_id = call.external_business_id or call.path.partition("/")[0]
    return failure(fault, object_id, business_manager_of(world, call), route.path) or unfinished()


def spoil(real: Answer, fault: Fault) -> Answer:
    """What comes back of a real answer, where the fault is one that lets the call take effect."""
    if fault.kind == "lost_answer":
        return lost()
    return truncated(real) if fault.kind == "truncated" else real


def _name_of(call: Call) -> str:
    """Method, path and query for the counters: of what changes something, only whom it is about."""
    if call.method == "GET":
        query = "&".join(f"{name}={call.params[name]}" for name in sorted(call.params) if name not in _UNNAMED)
    else:
        about = call.external_business_id
        query = f"fbe_external_business_id={about}" if about else ""
    return f"{call.method} {call.path}{'?' if query else ''}{query}"[:_LONGEST_NAME]


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


def _wait_while_held(world: World, path: str) -> None:
    while path and world.knobs.graph.hold == path:
        time.sleep(_LOOK_SECONDS)


def _real(world: World, call: Call, edge: Edge) -> Answer:
    try:
        with world.state.lock:
            return success(edge(world, call))
    except GraphRefusal as refusal:
        return refusal.answer


def business_manager_of(world: World, call: Call) -> str:
    """The Business Manager that a rate limit names."""
    connection = _connection_of(world, call)
    return connection.business_manager_id if connection else ""


def _business_of(world: World, call: Call) -> str:
    """The business that a fault may name: the call says it, or its token does."""
    if call.external_business_id:
        return call.external_business_id
    connection = _connection_of(world, call)
    return connection.external_business_id if connection else ""


def _connection_of(world: World, call: Call) -> Connection | None:
    with world.state.lock:
        token = world.state.tokens.get(call.token)
        return world.state.connections.get((token.app_id, token.external_business_id)) if token else None
