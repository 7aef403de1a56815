"""The one gate that says who sees what: the rows of the partner in view; platform staff who chose none see all."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from partners.viewing import Viewer

Row = TypeVar("Row", bound=Model)


def visible(rows: QuerySet[Row], viewer: Viewer, path: str = "partner") -> QuerySet[Row]:
    """Only the rows in view; `path` leads from the row to its partner (`pk` for partners).

    Row security would hide the others, too; a query that says what it wants stays right where it is not there.
    """
    if viewer.partner is not None:
        return rows.filter(**{path: viewer.partner.pk})
    return rows if viewer.is_platform else rows.none()
