"""What a check finds: good or not, on what evidence, and what is to be done next. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# As `Check.State` has them.
GREEN, RED, UNKNOWN = "green", "red", "unknown"


@dataclass(frozen=True)
class Result:
    """A state, the code of the next step (`golive.readiness.texts`), and evidence that fits into JSON."""

    state: str
    step: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


def green(**evidence: Any) -> Result:
    """It was seen to be right."""
    return Result(GREEN, "", _storable(evidence))


def red(step: str, **evidence: Any) -> Result:
    """It was seen to be wrong, or not to have happened."""
    return Result(RED, step, _storable(evidence))


def unknown(step: str, **evidence: Any) -> Result:
    """There is nothing yet by which to tell."""
    return Result(UNKNOWN, step, _storable(evidence))


def _storable(evidence: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
        for name, value in evidence.items()
        if value not in (None, "", [], ())
    }
