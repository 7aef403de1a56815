"""The knobs: what the sandbox does wrong, or differently, when it is told to."""

from dataclasses import asdict, dataclass, field, fields
from threading import Lock
from typing import Any

from sandbox.model import Json

KINDS_OF_FAULT = (
    "rate_limit_app",
    "rate_limit_user",
    "rate_limit_buc",
    "dead_token",
    "server_error",
    "html_error",
    "empty_body",
    "truncated",
    "error_with_200",
    "success_false",
    "permission",
    "not_visible",
    "slow",
    "unfinished",
    "echo",
    "echo_page",
)
PATHS_OF_FAULT = ("", "installs", "configuration", "token", "batch")


class KnobRefused(ValueError):
    """A knob that does not exist, or a value that it does not take; the message says which."""


@dataclass
class Fault:
    """The next `count` matching Graph calls fail like `kind`.

    `path` and `external_business_id` narrow it down; without either, a whole batch counts as one call. `subcode` is for
    dead_token, `minutes` for the rate limits' headers, `seconds` for slow. `unfinished` is the null element of a batch.
    `echo` repeats the call with its token and parameters in the error's message, `echo_page` on a page of HTML.
    """

    kind: str
    count: int = 1
    path: str = ""
    external_business_id: str = ""
    subcode: int = 463
    minutes: int = 1
    seconds: float = 3.0


@dataclass
class WebhookKnobs:
    """How notices are delivered. Seconds are seconds; `batch` is how many notices go into one body."""

    drop: bool = False
    delay_seconds: float = 0.0
    duplicate: bool = False
    reorder: bool = False
    batch: int = 1
    batch_wait_seconds: float = 5.0
    v2_payloads: bool = False
    bare_payloads: bool = False
    omit_token: bool = False
    business_integration: bool = True
    retry_seconds: float = 1.0


@dataclass
class GraphKnobs:
    """How the Graph API answers."""

    fail_next: list[Fault] = field(default_factory=list)
    slow_seconds: float = 0.0
    v2_payloads: bool = False
    unknown_feature_types: bool = False
    refuse_batch: bool = False
    refuse_system_user_token: bool = False


class Knobs:
    """Both groups; they are never written to the snapshot, so a restart ends every trouble."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Everything as it should be."""
        self.webhooks = WebhookKnobs()
        self.graph = GraphKnobs()

    def as_json(self) -> Json:
        """Every knob with its value, grouped."""
        with self._lock:
            return {"webhooks": asdict(self.webhooks), "graph": asdict(self.graph)}

    def update(self, given: Any) -> None:
        """Turn the knobs that are named, leave the others. Raises KnobRefused, and then nothing is turned."""
        groups: dict[str, WebhookKnobs | GraphKnobs] = {"webhooks": self.webhooks, "graph": self.graph}
        turns = []
        for group, values in _items(given, "the body"):
            if group not in groups:
                raise KnobRefused(f"no such group: {group}")
            turns += [(groups[group], name, _value(groups[group], name, v)) for name, v in _items(values, group)]
        with self._lock:
            for target, name, value in turns:
                setattr(target, name, value)

    def take_fault(self, path: str, external_business_id: str, *, in_batch: bool = False) -> Fault | None:
        """The fault for this call, used up by one. Inside a batch only faults that are narrowed down count."""
        if not self.graph.fail_next:
            return None
        with self._lock:
            for fault in self.graph.fail_next:
                is_narrow = bool(fault.path or fault.external_business_id)
                is_mine = fault.path in ("", path) and fault.external_business_id in ("", external_business_id)
                if is_mine and (is_narrow or not in_batch):
                    fault.count -= 1
                    self.graph.fail_next = [one for one in self.graph.fail_next if one.count > 0]
                    return fault
        return None


def _items(given: Any, name: str) -> list[tuple[str, Any]]:
    if not isinstance(given, dict):
        raise KnobRefused(f"{name} must be an object")
    return list(given.items())


def _value(group: WebhookKnobs | GraphKnobs, name: str, value: Any) -> Any:
    if name not in {one.name for one in fields(group)}:
        raise KnobRefused(f"no such knob: {name}")
    if name == "fail_next":
        rows = value if isinstance(value, list) else [value]
        return [_fault(row) for row in rows if row]
    return _typed(getattr(group, name), name, value)


def _typed(like: Any, name: str, value: Any) -> Any:
    if isinstance(like, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(like):
        raise KnobRefused(f"{name} must be of type {type(like).__name__}")
    if isinstance(value, int | float) and value < 0:
        raise KnobRefused(f"{name} must not be negative")
    return value


def _fault(row: Any) -> Fault:
    given = dict(_items(row, "fail_next"))
    kind, path = given.get("kind"), given.get("path") or ""
    if kind not in KINDS_OF_FAULT:
        raise KnobRefused(f"no such kind of fault: {kind}")
    if path not in PATHS_OF_FAULT:
        raise KnobRefused(f"no such path of a fault: {path}")
    fault = Fault(kind)
    for name, value in given.items():
        if not hasattr(fault, name):
            raise KnobRefused(f"no such field of a fault: {name}")
        if value is not None:
            setattr(fault, name, _typed(getattr(fault, name), name, value))
    return fault
