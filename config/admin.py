"""The admin site of partner staff."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from config.dashboard import dashboard
from partners.people.forms import SignInForm
from partners.viewing import viewer


class PortalAdminSite(AdminSite):
    """Django's admin under the portal's name, with a first page that says what needs attention."""

    site_header = _("Onboarding portal")
    site_title = _("Onboarding portal")
    index_title = _("Partners and their businesses")
    index_template = "admin/portal/index.html"
    login_form = SignInForm
    login_template = "people/login.html"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead whoever forgot the password to where there is help."""
        return super().login(request, {**(extra_context or {}), "sends_mail": settings.SENDS_MAIL})

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Put the dashboard before the list of tables."""
        return super().index(request, {**(extra_context or {}), "dashboard": dashboard(viewer(request))})
