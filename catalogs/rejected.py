"""The rejected rows of an intake as a file."""

import csv
import io
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from catalogs.models import RejectedRow
from catalogs.wording import reasons_text
from partners.audit.csv_lines import BYTE_ORDER_MARK, FORMULA_STARTS
from partners.tenancy import tenant

ROWS_OF_A_PORTION = 1_000


def rejected_csv(partner_id: int, intake_id: int) -> Iterator[bytes]:
    """The lines of CSV, a portion at a time; each is read in a transaction of its own."""
    yield (BYTE_ORDER_MARK + _csv([(_("line"), _("id"), _("reasons"))])).encode()
    after = -1
    while rows := _portion(partner_id, intake_id, after):
        yield _csv((str(row.line), harmless(row.item_id), harmless(reasons_text(row.reasons))) for row in rows).encode()
        after = rows[-1].line


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _portion(partner_id: int, intake_id: int, after: int) -> list[RejectedRow]:
    with tenant(partner_id):
        rows = RejectedRow.objects.filter(intake_id=intake_id, line__gt=after).order_by("line")
        return list(rows[:ROWS_OF_A_PORTION])


def _csv(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
