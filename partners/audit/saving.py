"""Recording what a piece of code makes of a row."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Model

from partners.audit.differences import NO_ROW, has_replaced, snapshot
from partners.audit.models import Action
from partners.audit.recording import By, record


@contextmanager
def audited(row: Model, by: By) -> Iterator[None]:
    """Record what the block adds or changes of this row; nothing where it fails, or leaves the row as it was.

    The block saves the row, in the transaction around this call.
    """
    is_new = row.pk is None
    before = NO_ROW if is_new else snapshot(row)
    yield
    changes = before.until(snapshot(row))
    if is_new:
        record(Action.ADDED, row, by=by, changes=changes)
    elif changes:
        record(Action.SECRET_REPLACED if has_replaced(changes) else Action.CHANGED, row, by=by, changes=changes)
