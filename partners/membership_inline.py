"""Who works where, on the pages of partners and of people."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from partners.models import Membership
from partners.viewing import viewer


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """The people of a partner, or the partners of a person; for platform staff."""

    model = Membership
    extra = 0
    autocomplete_fields = ("partner", "user")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave who works where to platform staff."""
        return viewer(request).is_platform

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission
