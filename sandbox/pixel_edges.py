"""A pixel: its state, the events that a server sends, and how many came (meta-api, 9.1)."""

import time
from collections import Counter
from typing import Any

from sandbox.graph_answers import TRACE, GraphRefusal, bad_parameter
from sandbox.graph_call import Call, json_list
from sandbox.model import Connection, Json
from sandbox.nodes import owned, remembered, shown
from sandbox.world import World

MOST_EVENTS = 1_000
OLDEST_SECONDS = 7 * 24 * 3600
# Two machines' clocks never agree.
CLOCK_SECONDS = 60
KEPT_TEST_EVENTS = 100
ACTION_SOURCES = (
    "website",
    "app",
    "phone_call",
    "chat",
    "email",
    "physical_store",
    "system_generated",
    "business_messaging",
    "other",
)


def read_pixel(world: World, call: Call) -> Json:
    """`GET /{pixel}`: without `last_fired_time` until a real event came."""
    connection, pixel_id = _pixel(world, call)
    known = connection.objects.get(pixel_id, {})
    fired = known.get("last_fired_at")
    available = {
        "name": f"{connection.name}, pixel",
        "last_fired_time": iso_time(fired) if fired else None,
        "is_unavailable": known.get("is_unavailable", False),
        "creation_time": iso_time(0),
    }
    return shown(call, pixel_id, available)


def send_events(world: World, call: Call) -> Json:
    """`POST /{pixel}/events`: one bad event refuses them all; those with a `test_event_code` are kept apart."""
    connection, pixel_id = _pixel(world, call)
    events = json_list(call, "data", MOST_EVENTS)
    if not events:
        raise GraphRefusal(bad_parameter("The parameter data is required"))
    for number, event in enumerate(events):
        if reason := _what_is_wrong(event):
            raise GraphRefusal(bad_parameter(f"Invalid parameter: data[{number}]: {reason}", for_people=reason))
    known = remembered(connection, pixel_id)
    if code := call.params.get("test_event_code"):
        tests = [{"test_event_code": code, "event_name": event["event_name"]} for event in events]
        known["test_events"] = [*known.get("test_events", []), *tests][-KEPT_TEST_EVENTS:]
    else:
        fire(known, [str(event["event_name"]) for event in events])
    world.snapshot.changed()
    return {"events_received": len(events), "messages": [], "fbtrace_id": TRACE}


def read_stats(world: World, call: Call) -> Json:
    """`GET /{pixel}/stats`: how many real events of each name came, in one piece."""
    connection, pixel_id = _pixel(world, call)
    known = connection.objects.get(pixel_id, {})
    if not known.get("counts"):
        return {"data": []}
    rows = [{"value": name, "count": count} for name, count in sorted(known["counts"].items())]
    return {"data": [{"start_time": iso_time(known["last_fired_at"]), "aggregation": "event", "data": rows}]}


def fire(known: Json, names: list[str]) -> None:
    """Real events of these names came just now."""
    known["last_fired_at"] = int(time.time())
    known["counts"] = dict(Counter(known.get("counts", {})) + Counter(names))


def iso_time(seconds: int) -> str:
    """Unix seconds as Meta writes a time."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(seconds))


def _pixel(world: World, call: Call) -> tuple[Connection, str]:
    return owned(world.state, call, "pixel", "ads_management", "ads_read")


def _what_is_wrong(event: Json) -> str:
    user_data = event.get("user_data", {})
    if not isinstance(event.get("event_name"), str) or not event["event_name"]:
        return "event_name is required"
    if not _is_time(event.get("event_time")):
        return "event_time must be in unix seconds, not older than 7 days and not in the future"
    if event.get("action_source") not in ACTION_SOURCES:
        return "action_source is required"
    if not isinstance(user_data, dict):
        return "user_data must be an object"
    if event["action_source"] == "website":
        missing = [] if event.get("event_source_url") else ["event_source_url"]
        missing += [] if user_data.get("client_user_agent") else ["client_user_agent"]
        return f"{' and '.join(missing)} required for website events" if missing else ""
    return ""


def _is_time(value: Any) -> bool:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    age = time.time() - value if isinstance(value, int) and not isinstance(value, bool) else None
    return age is not None and -CLOCK_SECONDS <= age <= OLDEST_SECONDS
