"""Entries of the audit log as lines of CSV."""

import csv
import io
import json
from collections.abc import Iterable

from partners.audit.models import AuditEntry

COLUMNS = ("at", "by", "by way of", "from", "action", "kind", "number", "what", "changes")
# What a spreadsheet would take for the beginning of a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# Without it spreadsheets do not read the file as UTF-8.
BYTE_ORDER_MARK = "\ufeff"


def header() -> bytes:
    """The first line, with the mark that tells spreadsheets the encoding."""
    return (BYTE_ORDER_MARK + _csv([COLUMNS])).encode()


def lines(entries: Iterable[AuditEntry]) -> bytes:
    """A line for each entry; times in UTC, the changes as JSON."""
    return _csv(map(_cells, entries)).encode()


def _cells(entry: AuditEntry) -> list[str]:
    cells = (
        entry.occurred_at.isoformat(timespec="seconds"),
        entry.actor_name,
        entry.via,
        entry.address or "",
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.object_name,
        json.dumps(entry.changes, ensure_ascii=False) if entry.changes else "",
    )
    return [_harmless(each) for each in cells]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _csv(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
