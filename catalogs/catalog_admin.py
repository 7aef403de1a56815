"""Catalogs at Meta in the admin: how far each is in step with the business's products, and what Meta refused."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalogs.asking import ask_for
from catalogs.finding import features_with
from catalogs.models import Catalog
from catalogs.refused import refused_csv, refused_items, words_about
from catalogs.standing import explanation, is_under_way, remedy
from features.admin_shows import feature_label
from features.finding import found_installations
from features.models import Feature
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.changelist import PartnerFilter
from partners.display import NOTHING, page_link, pill, two_lines
from partners.object_tools import Button, Tool
from partners.tenancy import tenant
from partners.tenant_admin import ReadOnlyTenantAdmin
from partners.viewing import viewer

MOST_REFUSED_SHOWN = 100
State = Catalog.State
TONES: dict[str, str] = {State.IN_STEP: "good", State.STOPPED: "bad", State.ENDED: "warning"}


class CatalogAdmin(ReadOnlyTenantAdmin):
    """Every catalog among the features of an installation."""

    change_form_template = "admin/portal/catalog.html"
    list_display = (
        "catalog_id",
        "business_shown",
        "state_and_reason",
        "items_confirmed",
        "items_to_push",
        "items_refused",
        "confirmed_at",
    )
    list_select_related = ("installation__business", "installation__meta_app")
    list_filter = (PartnerFilter, "state")
    search_fields = ("catalog_id",)
    search_help_text = _("A catalog id, or the beginning of a business's name or external business id.")
    tools = (Tool("press_push", _("Sync now"), is_for=lambda catalog: catalog.state != State.ENDED),)
    fieldsets = (
        (None, {"fields": ("state_shown", "why", "what_to_do", "catalog_id", "business_link", "installation_link")}),
        (_("Items"), {"fields": ("items_to_push", "items_confirmed", "items_refused", "errors_unnamed")}),
        (_("Refused by Meta"), {"fields": ("refused_shown",)}),
        (_("Features"), {"fields": ("features_shown",)}),
        (_("Times"), {"fields": ("found_at", "confirmed_at", "looked_at", "due_at", "ended_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names."""
        return super().get_queryset(request).select_related("installation__business", "installation__meta_app")

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find one catalog, or those of a business."""
        return Q(catalog_id=term) | Q(installation__in=found_installations(viewer(request), term))

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the refused items."""
        view = self.admin_site.admin_view(self.refused_view)
        return [path("<path:object_id>/refused/", view, name="catalogs_catalog_refused"), *super().get_urls()]

    def links(self, row: Catalog) -> list[Button]:
        """Lead to the refused items as a file, and to the products."""
        products = reverse("admin:catalogs_product_changelist") + f"?business={row.installation.business_id}"
        refused = reverse("admin:catalogs_catalog_refused", args=[quote(row.pk)])
        download = [Button(_("Download refused items"), refused)] if row.items_refused else []
        return [*download, Button(_("Products"), products)]

    def press_push(self, request: HttpRequest, catalog: Catalog) -> None:
        """Have it compared with the products now."""
        with tenant(catalog.partner_id):
            ask_for(Catalog.objects.filter(pk=catalog.pk))
        record_in_admin(request, Action.PUSHED, [catalog])
        messages.success(request, _("The catalog is compared with the products as soon as a worker is free."))

    def refused_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send all refused items as CSV, after the transaction of this request, portion by portion."""
        catalog = self.get_object(request, object_id)
        if catalog is None or not self.has_view_permission(request, catalog):
            raise Http404
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        record(Action.DOWNLOADED, catalog, by=By.request(request))
        name = f"refused-items-{catalog.pk}.csv"
        return StreamingHttpResponse(
            refused_csv(catalog),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Say how far it is."""
        catalog = kwargs.get("obj") or context.get("original")
        if catalog is not None:
            context["is_under_way"] = is_under_way(catalog)
            context["is_done"] = catalog.items_confirmed + catalog.items_refused
            context["is_all"] = context["is_done"] + catalog.items_to_push
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("business"))
    def business_shown(self, catalog: Catalog) -> SafeString:
        """Name the business."""
        business = catalog.installation.business
        return two_lines(business.name, business.external_business_id)

    @admin.display(description=_("state"))
    def state_and_reason(self, catalog: Catalog) -> SafeString:
        """Show the state, and below it why it is so."""
        return two_lines(self.state_shown(catalog), catalog.get_reason_display() if catalog.reason else "")

    @admin.display(description=_("state"))
    def state_shown(self, catalog: Catalog) -> SafeString:
        """Show how far it is."""
        return pill(catalog.get_state_display(), TONES.get(catalog.state, "plain"))

    @admin.display(description=_("reason"))
    def why(self, catalog: Catalog) -> str:
        """Say what is in the way."""
        return explanation(catalog) or NOTHING

    @admin.display(description=_("what to do"))
    def what_to_do(self, catalog: Catalog) -> str:
        """Say what helps."""
        return remedy(catalog) or NOTHING

    @admin.display(description=_("business"))
    def business_link(self, catalog: Catalog) -> SafeString | str:
        """Lead to the business."""
        return page_link(catalog.installation.business)

    @admin.display(description=_("installation"))
    def installation_link(self, catalog: Catalog) -> SafeString | str:
        """Lead to the installation."""
        return page_link(catalog.installation)

    @admin.display(description=_("used by"))
    def features_shown(self, catalog: Catalog) -> SafeString | str:
        """Lead to the features that use it."""
        features = Feature.objects.filter(pk__in=features_with(catalog)).order_by("pk")
        lines = ((page_link(each, feature_label(each.feature_type)),) for each in features)
        return format_html_join("", "<div>{}</div>", lines) or NOTHING

    @admin.display(description=_("items"))
    def refused_shown(self, catalog: Catalog) -> SafeString:
        """Show the first ones."""
        found = refused_items(catalog.pk)[: MOST_REFUSED_SHOWN + 1]
        rows = [{"item_id": each.item_id, "words": words_about(each)} for each in found]
        context = {"rows": rows[:MOST_REFUSED_SHOWN], "are_cut": len(rows) > MOST_REFUSED_SHOWN}
        return render_to_string("admin/portal/refused_items.html", context)
