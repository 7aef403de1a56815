"""Partners in the admin: the tenants."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from partners.membership_inline import MembershipInline
from partners.models import Partner, Role
from partners.object_tools import Button, Tool
from partners.partner_form import PartnerForm
from partners.tenant_admin import TenantAdmin
from partners.viewing import have_in_view, viewer


class PartnerAdmin(TenantAdmin):
    """Tenants; a member sees the own ones and may rename them."""

    partner_path = "pk"
    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug")
    search_help_text = _("The beginning of a name or slug.")
    readonly_fields = ("created_at",)
    inlines = (MembershipInline,)
    change_role = Role.OWNER
    form = PartnerForm
    fields = ("name", "slug", "requires_second_factor", "created_at")
    tools = (Tool("look_at", _("Look at this partner")),)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[Any]:
        """Tell the form who asks for a second factor."""
        form = super().get_form(request, obj, change, **kwargs)
        form.editor = request.user
        return form

    def buttons(self, request: HttpRequest, row: Any) -> list[Button]:
        """Let platform staff look at one partner; a member sees one at a time anyway."""
        return super().buttons(request, row) if viewer(request).is_platform else []

    def look_at(self, request: HttpRequest, partner: Partner) -> HttpResponse:
        """Have this partner in view."""
        if viewer(request).is_platform:
            have_in_view(request, partner.pk)
        return HttpResponseRedirect(reverse("admin:index"))

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by the beginning of name or slug; there are few partners."""
        return Q(name__istartswith=term) | Q(slug__istartswith=term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave new tenants to platform staff, who look at all: nothing else can be written while one is in view."""
        return bool(request.user.is_superuser) and viewer(request).partner is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave the end of a tenant to platform staff; the database refuses it while anything is left."""
        return bool(request.user.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the slug as it is: commands and links name it."""
        return ("slug", "created_at") if obj else ("created_at",)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """Suggest a slug only where one can be given."""
        return {} if obj else {"slug": ("name",)}


admin.site.register(Partner, PartnerAdmin)
