"""Launch links as a file."""

import csv
import io
from collections.abc import Iterable

from features.models import Installation
from golive.cockpit.links import Given
from golive.cockpit.ways_back import Way
from partners.audit.csv_lines import BYTE_ORDER_MARK, FORMULA_STARTS

COLUMNS = ("external business id", "business", "reason", "launch link", "works until", "made at", "note", "entry point")
MADE_BEFORE = "made before: only a hash is kept, so the link cannot be shown again"
ENDED = "revoked or expired since"


def as_csv(given: Iterable[Given], closed: Iterable[Way] = ()) -> str:
    """A line for each business, also those without a way back, in UTC; no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    cells = [*map(_cells, given), *map(_closed, closed)]
    writer.writerows([_harmless(cell) for cell in each] for each in cells)
    return BYTE_ORDER_MARK + out.getvalue()


def _cells(given: Given) -> tuple[str, ...]:
    link = given.link
    note = "" if given.address else MADE_BEFORE if link.is_usable else ENDED
    times = (each.isoformat(timespec="seconds") for each in (link.expires_at, link.created_at))
    return (*_about(given.installation), given.address, *times, note, str(link.entry_point or ""))


def _closed(way: Way) -> tuple[str, ...]:
    return (*_about(way.installation), "", "", "", way.closed.text if way.closed else "", "")


def _about(installation: Installation) -> tuple[str, ...]:
    business = installation.business
    return business.external_business_id, business.name, str(installation.explanation)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
