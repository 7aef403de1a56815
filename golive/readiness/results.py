"""What a check finds: good or not, on what evidence, and what is to be done next. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from golive.readiness.steps import Step

# As `Check.State` has them.
GREEN, RED, UNKNOWN = "green", "red", "unknown"


@dataclass(frozen=True)
class Result:
    """A state, the next step, and evidence that fits into JSON."""

    state: str
    step: Step | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


def green(**evidence: Any) -> Result:
    """It was seen to be right."""
    return Result(GREEN, None, _storable(evidence))


def red(step: Step, **evidence: Any) -> Result:
    """It was seen to be wrong, or not to have happened."""
    return Result(RED, step, _storable(evidence))


def unknown(step: Step, **evidence: Any) -> Result:
    """There is nothing yet by which to tell."""
    return Result(UNKNOWN, step, _storable(evidence))


def _storable(evidence: dict[str, Any]) -> dict[str, Any]:
    """Times and days as texts; what is empty says nothing and is left out."""
    return {name: _plain(value) for name, value in evidence.items() if value not in (None, "", [], ())}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
