"""The admin site of partner staff."""

from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.dashboard import dashboard
from partners.people.forms import SignInForm
from partners.people.password_change import PasswordChange
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

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Check the present password under the throttle."""
        request.current_app = self.name
        context = {**self.each_context(request), **(extra_context or {})}
        done = reverse("admin:password_change_done", current_app=self.name)
        return cast(TemplateResponse, PasswordChange.as_view(success_url=done, extra_context=context)(request))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Put the dashboard before the list of tables."""
        looks = viewer(request)
        title = {"title": looks.partner.name} if looks.partner else {}
        return super().index(request, {**(extra_context or {}), **title, "dashboard": dashboard(looks)})
