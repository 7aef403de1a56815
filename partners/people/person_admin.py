"""Accounts in the admin, for platform staff who look at all partners."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from partners.audit.admin_log import AuditedAdmin
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.membership_inline import MembershipInline
from partners.object_tools import Button, ObjectToolsMixin, Tool
from partners.people.throttling import unlock
from partners.viewing import viewer

DEACTIVATE_QUESTION = _("From the next click on this person can no longer sign in, and sees nothing of any partner.")
UNLOCK_QUESTION = _("Wrong sign-ins of this account are forgotten, and a pause ends. Its password stays as it is.")


class PersonAdmin(AuditedAdmin, ObjectToolsMixin, UserAdmin):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """Those who may sign in."""

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
    search_help_text = _("A part of a user name, name or address.")
    change_list_template = "admin/portal/change_list.html"
    inlines = (MembershipInline,)
    replaced_action = Action.PASSWORD_CHANGED
    # Whoever leaves is deactivated; deleting is for one at a time.
    actions = None
    tools = (
        Tool("deactivate", _("Deactivate"), DEACTIVATE_QUESTION, is_for=lambda user: user.is_active),
        Tool("reactivate", _("Reactivate"), is_for=lambda user: not user.is_active),
        Tool("unlock", _("Unlock sign-in"), UNLOCK_QUESTION),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave people to platform staff."""
        return viewer(request).is_platform

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Leave people to platform staff."""
        return viewer(request).is_platform

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody change a person who looks at one partner only, and so does not see what hangs on it elsewhere."""
        return viewer(request).is_platform and viewer(request).partner is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those delete who may change."""
        return self.has_change_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let those add who may change."""
        return self.has_change_permission(request)

    def buttons(self, request: HttpRequest, row: Any) -> list[Button]:
        """Help those who are locked out; platform staff help each other with `manage.py changepassword`."""
        if not self.has_change_permission(request):
            return []
        helps = (
            ("person_reset_link", _("Password reset link")),
            ("person_remove_second_factor", _("Remove the second factor")),
        )
        found = [] if row.is_superuser else helps
        links = [Button(label, reverse(f"people:{name}", args=[quote(row.pk)])) for name, label in found]
        return [*super().buttons(request, row), *links]

    def deactivate(self, request: HttpRequest, user: User) -> None:
        """Close this account."""
        self._set_active(request, user, False)

    def reactivate(self, request: HttpRequest, user: User) -> None:
        """Open this account again."""
        self._set_active(request, user, True)

    def unlock(self, request: HttpRequest, user: User) -> None:
        """End the pause after too many wrong sign-ins."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if unlock(user):
            record(Action.CHANGED, user, by=By.request(request), changes={"sign-in": ["locked", "unlocked"]})
        messages.success(request, _("This account may sign in again."))

    def _set_active(self, request: HttpRequest, user: User, is_active: bool) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied
        if User.objects.filter(pk=user.pk, is_active=not is_active).update(is_active=is_active):
            record(Action.REACTIVATED if is_active else Action.DEACTIVATED, user, by=By.request(request))
