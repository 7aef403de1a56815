"""Launch links as a file."""

import csv
import io
from collections.abc import Iterable

from golive.cockpit.links import Given
from partners.audit.csv_lines import BYTE_ORDER_MARK, FORMULA_STARTS

COLUMNS = ("external business id", "business", "reason", "launch link", "works until", "made at", "note")
MADE_BEFORE = "made before: only a hash is kept, so the link cannot be shown again"
ENDED = "revoked or expired since"


def as_csv(given: Iterable[Given]) -> str:
    """A line for each business, in UTC; no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(cell) for cell in _cells(each)] for each in given)
    return BYTE_ORDER_MARK + out.getvalue()


def _cells(given: Given) -> tuple[str, ...]:
    business, link = given.installation.business, given.link
    note = "" if given.address else MADE_BEFORE if link.is_usable else ENDED
    times = (each.isoformat(timespec="seconds") for each in (link.expires_at, link.created_at))
    return (
        business.external_business_id,
        business.name,
        str(given.installation.explanation),
        given.address,
        *times,
        note,
    )


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
