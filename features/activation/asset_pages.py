"""What a feature's page shows and offers beyond the steps: test events of a pixel, notices about a Page."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from features.activation import page_notices, pixel_checks
from features.activation.feature_tools import ActivationPages
from features.activation.handlers import HANDLERS
from features.activation.handlers.pixels import pixel
from features.activation.models import LONGEST_NAME, PixelCheck
from features.activation.page_subscriptions import FIELDS, page_of
from features.activation.pixel_check_form import PixelCheckForm
from features.models import Feature
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.models import Role
from partners.object_tools import Button
from partners.tenancy import tenant
from partners.viewing import viewer

_ADDRESS = "features_feature_test_event"


def takes_events(feature: Feature) -> bool:
    """Whether test events can be sent: the feature is installed, and has a pixel."""
    is_pixel = HANDLERS.get(feature.feature_type) is pixel
    return is_pixel and feature.removed_at is None and bool(feature.connected_assets.get("pixel_id"))


class AssetPages(ActivationPages):
    """Adds the form for a test event to the admin of features, and what came of it to the steps."""

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the form."""
        view = self.admin_site.admin_view(self.test_event_view)
        return [path("<path:object_id>/test-event/", view, name=_ADDRESS), *super().get_urls()]

    def buttons(self, request: HttpRequest, row: Any) -> list[Button]:
        """Put the way to the form behind the rest."""
        if not takes_events(row) or not viewer(request).may(Role.MANAGER):
            return super().buttons(request, row)
        send = Button(_("Send a test event"), reverse(f"admin:{_ADDRESS}", args=[quote(row.pk)]))
        return [*super().buttons(request, row), send]

    def test_event_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the form (GET), or have a worker send the event (POST)."""
        feature = self.get_object(request, unquote(object_id))
        if feature is None or not takes_events(feature):
            raise Http404
        if not viewer(request).may(Role.MANAGER):
            raise PermissionDenied
        form = PixelCheckForm(feature.installation.business, request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return self._form_page(request, feature, form)
        with tenant(feature.partner_id):
            pixel_checks.ask(feature, **form.cleaned_data, asked_by=request.user.get_username()[:LONGEST_NAME])
        record_in_admin(request, Action.CHECKED, [feature])
        messages.success(request, _("The test event is being sent. Open the page again in a moment."))
        return HttpResponseRedirect(self.address_of(feature))

    def _form_page(self, request: HttpRequest, feature: Feature, form: PixelCheckForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Send a test event"),
            "feature": feature,
            "form": form,
            "back": self.address_of(feature),
        }
        return TemplateResponse(request, "admin/portal/test_event.html", context)

    @admin.display(description=_("state"))
    def activation_shown(self, feature: Feature) -> SafeString | str:
        """Show the steps, and below them what is counted and answered meanwhile."""
        return format_html("{}{}{}", super().activation_shown(feature), _last_test_event(feature), _notices(feature))


def _last_test_event(feature: Feature) -> SafeString | str:
    if HANDLERS.get(feature.feature_type) is not pixel:
        return ""
    pixel_id = str(feature.connected_assets.get("pixel_id", ""))
    check = PixelCheck.objects.filter(feature=feature, pixel_id=pixel_id).first()
    return render_to_string("admin/portal/pixel_check.html", {"check": check}) if check else ""


def _notices(feature: Feature) -> SafeString | str:
    page_id = page_of(feature)
    if feature.feature_type not in FIELDS or not page_id:
        return ""
    found = page_notices.received(feature.installation.meta_app_id, page_id, feature.feature_type)
    return render_to_string("admin/portal/notices_received.html", {"received": found})
