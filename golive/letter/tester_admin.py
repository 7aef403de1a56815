"""Testers in the admin."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from golive.letter.models import Tester
from partners.changelist import PartnerFilter
from partners.object_tools import Button
from partners.tenant_admin import TenantAdmin
from partners.tenant_form import TenantForm


class TesterForm(TenantForm):
    """Who has which role on which app."""

    partner_of = "meta_app"

    class Meta:
        model = Tester
        fields = ("meta_app", "name", "user_id", "role", "is_representative")


class TesterAdmin(TenantAdmin):
    """People whom the letter to Meta names."""

    form = TesterForm
    can_delete = True
    list_display = ("__str__", "partner", "meta_app", "role", "is_representative")
    list_select_related = ("partner", "meta_app")
    list_filter = (PartnerFilter,)
    search_fields = ("name", "user_id")
    search_help_text = _("The beginning of a name, or a user id.")
    autocomplete_fields = ("meta_app",)

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by name or user id; a partner has few testers."""
        return Q(name__istartswith=term) | Q(user_id=term)

    def links(self, row: Any) -> list[Button]:
        """Lead to the letter that names them."""
        return [Button(_("Letter to Meta"), reverse("golive-letter", args=[row.meta_app_id]))]
