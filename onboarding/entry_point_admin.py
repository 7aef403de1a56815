"""Entry points in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mbe.catalog import VERTICALS
from onboarding.forms import EntryPointForm
from onboarding.models import EntryPoint
from partners.changelist import PartnerFilter
from partners.display import pill
from partners.object_tools import Button
from partners.tenant_admin import TenantAdmin


class EntryPointAdmin(TenantAdmin):
    """Buttons that start onboarding, with a preview of the menu that they lead to."""

    form = EntryPointForm
    can_delete = True
    change_form_template = "admin/portal/entry_point_form.html"
    list_display = ("shown", "slug", "meta_app", "vertical_shown", "intent_shown", "interface", "active")
    list_select_related = ("meta_app",)
    list_filter = (PartnerFilter, "is_active")
    search_fields = ("slug", "label")
    search_help_text = _("The beginning of a slug or label.")
    autocomplete_fields = ("meta_app",)
    fieldsets = (
        (None, {"fields": ("meta_app", "slug", "label", "is_active")}),
        (_("What it leads to"), {"fields": ("vertical", "intent", "minimal_onboarding_percent", "channel")}),
        (_("What it asks for"), {"fields": ("scope_override",)}),
        (_("Buttons of the features"), {"fields": ("cta_defaults",)}),
    )

    class Media:
        js = ("admin_portal/intents.js",)

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by the beginning of slug or label; a partner has few entry points."""
        return Q(slug__istartswith=term) | Q(label__istartswith=term)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load the app, which says what is offered."""
        return super().get_queryset(request).select_related("meta_app")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> EntryPoint | None:
        """Hold the row while it is changed: the share before is then the one that is replaced."""
        row: EntryPoint | None = super().get_object(request, object_id, from_field)
        if row is None or request.method != "POST":
            return row
        held: EntryPoint | None = self.get_queryset(request).select_for_update(of=("self",)).filter(pk=row.pk).first()
        return held

    def links(self, row: EntryPoint) -> list[Button]:
        """Lead to its rollout."""
        return [Button(_("Rollout of the v3 menu"), reverse("golive-rollout", args=[row.pk]))]

    @admin.display(description=_("entry point"))
    def shown(self, entry_point: EntryPoint) -> str:
        """Name it."""
        return str(entry_point)

    @admin.display(description=_("vertical"))
    def vertical_shown(self, entry_point: EntryPoint) -> str:
        """Name the vertical in the reader's words."""
        known = VERTICALS.get(entry_point.vertical)
        return known.label.in_language(get_language() or "en") if known else entry_point.vertical

    @admin.display(description=_("intent"))
    def intent_shown(self, entry_point: EntryPoint) -> str:
        """Name the intent, or say that there is none."""
        return entry_point.intent or str(_("whole menu"))

    @admin.display(description=_("interface"))
    def interface(self, entry_point: EntryPoint) -> str:
        """Say which of Meta's interfaces it leads to."""
        percent = entry_point.minimal_onboarding_percent
        if percent in (0, 100):
            return str(_("v3 menu")) if percent else f"v2 {entry_point.channel}".strip()
        return str(_("v3 menu for %(percent)s %%") % {"percent": percent})

    @admin.display(description=_("active"))
    def active(self, entry_point: EntryPoint) -> SafeString:
        """Say whether merchants see it."""
        return pill(_("active"), "good") if entry_point.is_active else pill(_("off"))
