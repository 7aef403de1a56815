"""Partners and people: who may sign in, and for which partner."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from partners.models import Membership, Partner
from partners.tenant_admin import TenantAdmin


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """The people of a partner, or the partners of a person; for platform staff."""

    model = Membership
    extra = 0
    autocomplete_fields = ("partner", "user")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave who works where to platform staff."""
        return bool(request.user.is_superuser)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class PartnerAdmin(TenantAdmin):
    """Tenants; a member sees the own ones and may rename them."""

    partner_path = "pk"
    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug")
    search_help_text = _("The beginning of a name or slug.")
    readonly_fields = ("created_at",)
    inlines = (MembershipInline,)

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by the beginning of name or slug; there are few partners."""
        return Q(name__istartswith=term) | Q(slug__istartswith=term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave new tenants to platform staff."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave the end of a tenant to platform staff; the database refuses it while anything is left."""
        return bool(request.user.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the slug as it is: commands and links name it."""
        return ("slug", "created_at") if obj else ("created_at",)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """Suggest a slug only where one can be given."""
        return {} if obj else {"slug": ("name",)}


class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """Those who may sign in; for platform staff."""

    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("May"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Times"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "usable_password", "password1", "password2", "is_staff")}),
    )
    readonly_fields = ("last_login", "date_joined")
    list_display = ("username", "email", "is_staff", "is_superuser", "is_active")
    list_filter = ("is_staff", "is_superuser", "is_active")
    filter_horizontal = ()
    change_list_template = "admin/portal/change_list.html"
    inlines = (MembershipInline,)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Leave people to platform staff."""
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave people to platform staff."""
        return bool(request.user.is_superuser)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave people to platform staff."""
        return bool(request.user.is_superuser)


admin.site.register(Partner, PartnerAdmin)
admin.site.unregister(Group)
admin.site.unregister(User)
admin.site.register(User, PersonAdmin)
