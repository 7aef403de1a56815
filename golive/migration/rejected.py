"""The rejected rows of an import as a file to repair: all known columns but the token, which is nowhere kept for it."""

import csv
import io
from collections.abc import Iterable, Iterator

from catalogs.rejected import harmless
from golive.migration.models import Import, ImportRow
from golive.migration.wording import reasons_text
from partners.audit.csv_lines import BYTE_ORDER_MARK
from partners.tenancy import tenant

ROWS_OF_A_PORTION = 1_000


def rejected_csv(run: Import) -> Iterator[bytes]:
    """The lines of CSV, a portion at a time, each read in a transaction of its own.

    The token's column is not in it: whoever sends the repaired rows again takes it from where the file came from.
    """
    names = sorted({name for rows in _portions(run) for row in rows for name in row.columns})
    yield (BYTE_ORDER_MARK + _csv([("line", "reason", *map(harmless, names))])).encode()
    for rows in _portions(run):
        cells = (
            [str(row.line), reasons_text(row.reasons), *(row.columns.get(name, "") for name in names)] for row in rows
        )
        yield _csv(map(harmless, line) for line in cells).encode()


def _portions(run: Import) -> Iterator[list[ImportRow]]:
    after = -1
    while rows := _portion(run, after):
        yield rows
        after = rows[-1].line


def _portion(run: Import, after: int) -> list[ImportRow]:
    with tenant(run.partner_id):
        found = ImportRow.objects.filter(run=run, outcome=ImportRow.Outcome.REJECTED, line__gt=after)
        return list(found.order_by("line")[:ROWS_OF_A_PORTION])


def _csv(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
