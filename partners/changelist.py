"""Lists that stay fast however many rows there are: counts to a cap, one order, rows preloaded a page at a time."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from partners.gate import visible
from partners.models import Partner
from partners.viewing import viewer

MOST_COUNTED = 10_000
MOST_PARTNERS_TO_CHOOSE = 50


def capped_count(rows: QuerySet[Any], most: int = MOST_COUNTED) -> str:
    """How many rows there are, for people: exact up to `most`, and "10,000+" beyond, without counting further."""
    return capped(rows.order_by()[: most + 1].count(), most)


def capped(count: int, most: int) -> str:
    """A number as `capped_count` writes it."""
    return f"{most:,}+" if count > most else f"{count:,}"


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """Counts at most `MOST_COUNTED` rows; what lies beyond is for the search and the filters to find."""

    @cached_property
    def _looked_at(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # lists of the admin page through nothing else
        return rows.order_by()[: MOST_COUNTED + 1].count()

    @property
    def count(self) -> int:
        """The number of rows that can be paged through."""
        return min(self._looked_at, MOST_COUNTED)

    @property
    def count_text(self) -> str:
        """The number for people: "10,000+" where there are more."""
        return f"{self.count:,}" + ("+" if self._looked_at > MOST_COUNTED else "")


class PortalChangeList(ChangeList):
    """A page of rows in the one indexed order of its admin, with what the page shows of other tables preloaded."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Ignore an order in the address that the list does not offer: it may have no index."""
        if self.sortable_by:
            return list(super().get_ordering(request, queryset))
        return list(self.model_admin.get_ordering(request))

    def get_results(self, request: HttpRequest) -> None:
        """Load the page, then let the admin preload for all its rows at once."""
        super().get_results(request)
        # The ids first, from the index alone: with joins beside the LIMIT, PostgreSQL may choose to sort the table.
        ids = list(self.result_list.values_list("pk", flat=True))
        rows = self.apply_select_related(self.root_queryset).in_bulk(ids)
        self.result_list = [rows[pk] for pk in ids if pk in rows]
        self.model_admin.preload(self.result_list)  # type: ignore[attr-defined]  # the list of a TenantAdmin


class PartnerFilter(SimpleListFilter):
    """Rows of one partner, for those who see several; a bounded list."""

    title = _("partner")
    parameter_name = "partner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Name the partners to choose from: none where there is no choice, then the filter is not shown."""
        partners = visible(Partner.objects.order_by("pk"), viewer(request), "pk")[:MOST_PARTNERS_TO_CHOOSE]
        choices = [(str(each.pk), each.name) for each in partners]
        return choices if len(choices) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the partner chosen."""
        chosen = self.value()
        return queryset.filter(partner_id=int(chosen)) if chosen and chosen.isdecimal() else queryset
