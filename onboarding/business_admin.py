"""Businesses in the admin, with their connections and the way into onboarding."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from features.admin_shows import state_pill
from features.finding import businesses_like
from features.installation_admin import sync_and_say
from features.management_view import management_url
from features.models import Installation
from features.remedies import remedy
from mbe.catalog import VERTICALS
from onboarding.arm_inline import ArmInline
from onboarding.forms import BusinessForm
from onboarding.launch_link_admin import add_address, show_once
from onboarding.linking import link_of_form
from onboarding.models import EntryPoint, new_token
from onboarding.more_section import more_of
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.changelist import PartnerFilter
from partners.display import two_lines
from partners.models import Business
from partners.object_tools import Button, Tool
from partners.tenancy import tenant
from partners.tenant_admin import TenantAdmin, chosen_ids, sole_partner_of


class BusinessAdmin(TenantAdmin):
    """A partner's customers, each with its connection on every app."""

    form = BusinessForm
    can_delete = True
    change_form_template = "admin/portal/business_form.html"
    list_display = ("shown", "connections", "verticals_shown", "partner", "created_at")
    list_select_related = ("partner",)
    list_filter = (PartnerFilter,)
    search_fields = ("name", "external_business_id")
    search_help_text = _("The beginning of a name or external business id.")
    autocomplete_fields = ("partner",)
    actions = ("sync_now",)
    tools = (
        Tool("new_launch_link", _("New launch link"), is_listed=False),
        Tool("press_sync", _("Sync now"), is_for=lambda business: business.installations.exists()),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the partner only where there is a choice; show the connections of a business that is there."""
        has_partner_field = obj is not None or sole_partner_of(request) is None
        owner = ("partner",) if has_partner_field else ()
        about = (None, {"fields": (*owner, "name", "external_business_id", "verticals")})
        setup = (_("What Meta is told"), {"fields": ("timezone", "currency", "domain")})
        return ((_("Connections"), {"fields": ("installations",)}), about, setup) if obj else (about, setup)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Show the arms of a business that is there."""
        return (ArmInline,) if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep what Meta knows the business by."""
        return ("installations", "partner", "external_business_id") if obj else ()

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names."""
        return super().get_queryset(request).select_related("partner")

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by the beginning of name or external business id."""
        return businesses_like(term)

    def preload(self, rows: list[Any]) -> None:
        """Load the installations of the page's businesses with one query."""
        shown = Installation.objects.select_related("meta_app").order_by("pk")
        prefetch_related_objects(rows, Prefetch("installations", shown, to_attr="shown_installations"))

    @admin.display(description=_("business"))
    def shown(self, business: Business) -> SafeString:
        """Name it, and the id by which Meta knows it."""
        return two_lines(business.name, business.external_business_id)

    @admin.display(description=_("connections"))
    def connections(self, business: Any) -> SafeString | str:
        """Show the state on each app."""
        pills = ((state_pill(each), each.meta_app.name) for each in business.shown_installations)
        return format_html_join("", '<span class="connection">{} {}</span>', pills) or str(_("none yet"))

    @admin.display(description=_("verticals"))
    def verticals_shown(self, business: Business) -> str:
        """Name the verticals in the reader's words."""
        language = get_language() or "en"
        return ", ".join(
            VERTICALS[each].label.in_language(language) for each in business.verticals if each in VERTICALS
        )

    @admin.display(description=_("installations"))
    def installations(self, business: Business) -> SafeString:
        """Show each installation, and the way to Meta's management view."""
        rows = Installation.objects.filter(business=business).select_related("meta_app", "business").order_by("pk")
        shown = [
            {"row": each, "pill": state_pill(each), "remedy": remedy(each), "url": management_url(each)}
            for each in rows
        ]
        return render_to_string("admin/portal/installations.html", {"installations": shown, "business": business})

    def buttons(self, request: HttpRequest, row: Business) -> list[Button]:
        """Lead first of all to the form of a new launch link, in which its entry point can be chosen."""
        new = [Button(_("New launch link"), add_address(row))] if self.has_use_permission(request) else []
        return [*new, *super().buttons(request, row)]

    def links(self, row: Business) -> list[Button]:
        """Lead to the diagnosis, to the attempts, and to the products."""
        attempts = reverse("admin:onboarding_onboardingattempt_changelist") + f"?business={row.pk}"
        products = reverse("admin:catalogs_product_changelist") + f"?business={row.pk}"
        return [
            Button(_("Why is it not live?"), reverse("golive-diagnosis", args=[row.pk])),
            Button(_("Attempts"), attempts),
            Button(_("Products"), products),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Hand the page what there is more to turn on."""
        business = context.get("original")
        more = more_of(business) if business else []
        context |= {"more": more, "may_use": self.has_use_permission(request), "form_key": new_token()}
        return super().render_change_form(request, context, *args, **kwargs)

    def new_launch_link(self, request: HttpRequest, business: Business) -> HttpResponse:
        """Make a link that opens the entry point that is named, and show it once; without one lead to the form."""
        sent = request.GET.dict() | request.POST.dict()
        if not sent.get("entry_point"):
            return redirect(add_address(business))
        with tenant(business.partner_id):
            only = _entry_point(business, sent["entry_point"])
            made = link_of_form(sent.get("form") or new_token(), business, only, cast(User, request.user))
        if not made.is_again:
            record_in_admin(request, Action.LINK_MADE, [made.link])
        return show_once(self, request, made)

    def press_sync(self, request: HttpRequest, business: Business) -> None:
        """Ask for a sync of the business on every app."""
        sync_and_say(request, Installation.objects.filter(business=business))

    @admin.action(description=_("Sync now"), permissions=["use"])
    def sync_now(self, request: HttpRequest, businesses: QuerySet[Business]) -> None:
        """Ask for a sync of the businesses chosen, on every app."""
        ids = chosen_ids(request, businesses)
        if ids is not None:
            sync_and_say(request, Installation.objects.filter(business__in=ids))


def _entry_point(business: Business, pk: str) -> EntryPoint:
    """The active entry point of the business's partner with this number."""
    rows = EntryPoint.objects.filter(partner_id=business.partner_id, is_active=True)
    found = rows.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
    if found is None:
        raise Http404
    return found
