"""Products in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalogs.models import Product
from partners.changelist import PartnerFilter
from partners.display import facts, page_link
from partners.tenant_admin import ReadOnlyTenantAdmin


class ProductAdmin(ReadOnlyTenantAdmin):
    """What the catalogs of a business are brought to."""

    list_display = ("item_id", "title", "price", "availability", "business", "changed_at")
    list_select_related = ("business",)
    list_filter = (PartnerFilter,)
    search_fields = ("item_id",)
    search_help_text = _("The beginning of a product's id.")
    fields = ("item_id", "business_link", "item_shown", "changed_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names."""
        return super().get_queryset(request).select_related("business")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Order the products of one business by their ids, as its index does."""
        return ("item_id",) if {"business", "business__exact"} & request.GET.keys() else ("-pk",)

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by the beginning of the id."""
        return Q(item_id__startswith=term)

    @admin.display(description=_("title"))
    def title(self, product: Product) -> str:
        """Name it."""
        return str(product.item.get("title", ""))

    @admin.display(description=_("price"))
    def price(self, product: Product) -> str:
        """Say what it costs."""
        return str(product.item.get("price", ""))

    @admin.display(description=_("availability"))
    def availability(self, product: Product) -> str:
        """Say whether there is any, in Meta's word."""
        return str(product.item.get("availability", ""))

    @admin.display(description=_("business"))
    def business_link(self, product: Product) -> SafeString | str:
        """Lead to the business."""
        return page_link(product.business)

    @admin.display(description=_("item"))
    def item_shown(self, product: Product) -> SafeString:
        """Show the item, in Meta's words."""
        return facts(product.item)
