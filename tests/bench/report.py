"""What a measurement gives: rows of one table, with a goal each."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, the numbers, what they should be, and whether they are."""

    what: str
    measured: str
    goal: str
    holds: bool


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [(row.what, row.measured, row.goal, "yes" if row.holds else "**no**") for row in rows]
    head = [("what", "measured", "goal", "holds"), ("---",) * 4]
    return "\n".join(f"| {' | '.join(line)} |" for line in [*head, *lines])
