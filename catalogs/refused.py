"""The items of a catalog that Meta has not taken: the first ones for a page, all of them as a file."""

import csv
import io
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalogs.models import Catalog, CatalogItem
from catalogs.rejected import harmless
from partners.audit.csv_lines import BYTE_ORDER_MARK
from partners.tenancy import tenant

ROWS_OF_A_PORTION = 1_000


def refused_items(catalog_id: int, after: str = "") -> QuerySet[CatalogItem]:
    """Those behind `after`, by their ids."""
    items = CatalogItem.objects.filter(catalog=catalog_id, item_id__gt=after)
    return items.exclude(refused="").order_by("item_id")


def words_about(item: CatalogItem) -> str:
    """Why Meta has not taken an item, in its words."""
    said = item.problem or _("Meta gives no reason.")
    return _("Not deleted: %(reason)s") % {"reason": said} if item.refused == CatalogItem.DELETION else said


def refused_csv(catalog: Catalog) -> Iterator[bytes]:
    """The lines of CSV, a portion at a time; each is read in a transaction of its own."""
    yield (BYTE_ORDER_MARK + _csv([(_("id"), _("in Meta's words"))])).encode()
    after = ""
    while rows := _portion(catalog, after):
        yield _csv((harmless(each.item_id), harmless(words_about(each))) for each in rows).encode()
        after = rows[-1].item_id


def _portion(catalog: Catalog, after: str) -> list[CatalogItem]:
    with tenant(catalog.partner_id):
        return list(refused_items(catalog.pk, after)[:ROWS_OF_A_PORTION])


def _csv(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
