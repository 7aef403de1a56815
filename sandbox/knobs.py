"""The knobs: what the sandbox does wrong, or differently, when it is told to."""

from dataclasses import asdict, fields
from threading import Lock
from typing import Any

from sandbox.knob_groups import (
    KINDS_OF_FAULT,
    PATHS_OF_FAULT,
    CatalogKnobs,
    ConfigurationKnobs,
    Fault,
    GraphKnobs,
    KnobGroup,
    SubscriptionKnobs,
    WebhookKnobs,
)
from sandbox.model import Json


class KnobRefused(ValueError):
    """A knob that does not exist, or a value that it does not take; the message says which."""


class Knobs:
    """Every group; they are never written to the snapshot, so a restart ends every trouble."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Everything as it should be."""
        self.webhooks = WebhookKnobs()
        self.graph = GraphKnobs()
        self.configuration = ConfigurationKnobs()
        self.catalog = CatalogKnobs()
        self.subscriptions = SubscriptionKnobs()

    def as_json(self) -> Json:
        """Every knob with its value, grouped."""
        with self._lock:
            return {name: asdict(group) for name, group in self._groups().items()}

    def update(self, given: Any) -> None:
        """Turn the knobs that are named, leave the others. Raises KnobRefused, and then nothing is turned."""
        groups = self._groups()
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
                if fault.is_for(path, external_business_id) and (is_narrow or not in_batch):
                    fault.count -= 1
                    self.graph.fail_next = [one for one in self.graph.fail_next if one.count > 0]
                    return fault
        return None

    def _groups(self) -> dict[str, KnobGroup]:
        return {
            "webhooks": self.webhooks,
            "graph": self.graph,
            "configuration": self.configuration,
            "catalog": self.catalog,
            "subscriptions": self.subscriptions,
        }


def _items(given: Any, name: str) -> list[tuple[str, Any]]:
    if not isinstance(given, dict):
        raise KnobRefused(f"{name} must be an object")
    return list(given.items())


def _value(group: KnobGroup, name: str, value: Any) -> Any:
    if name not in {one.name for one in fields(group)}:
        raise KnobRefused(f"no such knob: {name}")
    if name == "fail_next":
        rows = value if isinstance(value, list) else [value]
        return [_fault(row) for row in rows if row]
    if name == "hold" and value not in PATHS_OF_FAULT:
        raise KnobRefused(f"no such path to hold: {value}")
    _check_inside(name, value)
    return _typed(getattr(group, name), name, value)


def _check_inside(name: str, value: Any) -> None:
    """Raise KnobRefused for a list or an object whose content is not what the knob takes."""
    if name in ("refuse_ids", "missing_fields") and not _is_list_of_texts(value):
        raise KnobRefused(f"{name} must be a list of texts")
    if name == "keeps" and not all(isinstance(one, dict) for _, one in _items(value, name)):
        raise KnobRefused("keeps must have an object for each type")
    if name == "refuse":
        given = dict(_items(value, name))
        if not _is_list_of_texts(given.get("types", [])) or not isinstance(given.get("message", ""), str):
            raise KnobRefused("refuse takes types, a list of texts, and message, a text")


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


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
