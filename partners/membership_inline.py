"""Who works where, on the pages of partners and of people."""

from typing import Any

from django.http import HttpRequest

from partners.models import Membership
from partners.open_choices import OpenInline
from partners.tenant_form import TenantForm
from partners.viewing import viewer


class MembershipInline(OpenInline):
    """The people of a partner, or the partners of a person; for platform staff, who add here.

    What is there is changed on the member's own page, where a partner never loses its last owner.
    """

    model = Membership
    form = TenantForm
    show_change_link = True
    autocomplete_fields = ("partner", "user")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave who works where to platform staff."""
        return viewer(request).is_platform

    has_add_permission = has_view_permission

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave changes to the member's page."""
        return False

    has_delete_permission = has_change_permission
