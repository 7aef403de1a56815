"""Meta apps in the admin, with what has to be entered at Meta and what their endpoint refused."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from partners.app_form import MetaAppForm
from partners.changelist import PartnerFilter
from partners.display import copyable, moment, pill
from partners.models import MetaApp
from partners.tenant_admin import TenantAdmin, sole_partner_of
from webhooks.models import RefusedCount

MOST_REFUSED_DAYS = 30


class MetaAppAdmin(TenantAdmin):
    """A partner's apps at Meta."""

    form = MetaAppForm
    can_delete = True
    list_display = ("name", "app_id", "partner", "pause", "created_at")
    list_select_related = ("partner",)
    list_filter = (PartnerFilter,)
    search_fields = ("name", "app_id")
    search_help_text = _("The beginning of a name, or an app id.")
    autocomplete_fields = ("partner",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names; no page needs the secrets."""
        return super().get_queryset(request).select_related("partner").defer("sealed_secret", "sealed_verify_token")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the partner only where there is a choice."""
        has_partner_field = obj is not None or sole_partner_of(request) is None
        owner = ("partner",) if has_partner_field else ()
        about = (None, {"fields": (*owner, "name", "app_id", "new_secret", "new_verify_token")})
        offers = (_("Offers"), {"fields": ("features",)})
        at_meta = (_("To enter at Meta"), {"fields": ("callback_url", "redirect_uri")})
        health = (_("Health"), {"fields": ("pause", "refused")})
        return (about, at_meta, offers, health) if obj else (about, offers)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the app id: installations and links hang on it."""
        return ("partner", "app_id", "callback_url", "redirect_uri", "pause", "refused") if obj else ()

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by name or app id; a partner has few apps."""
        return Q(name__istartswith=term) | Q(app_id=term)

    @admin.display(description=_("webhook callback URL"))
    def callback_url(self, meta_app: MetaApp) -> SafeString:
        """Show where Meta has to send its webhooks."""
        url = settings.PUBLIC_URL + reverse("meta-webhook", args=[meta_app.app_id])
        return copyable(url, str(_("webhook callback URL")))

    @admin.display(description=_("redirect URI"))
    def redirect_uri(self, meta_app: MetaApp) -> SafeString:
        """Show where the login dialog has to be allowed to return."""
        return copyable(settings.PUBLIC_URL + reverse("return"), str(_("redirect URI")))

    @admin.display(description=_("calls to Meta"))
    def pause(self, meta_app: MetaApp) -> SafeString:
        """Say until when Meta makes the whole app wait."""
        if meta_app.paused_until and meta_app.paused_until > now():
            return pill(_("paused until %(at)s") % {"at": moment(meta_app.paused_until)}, "warning")
        return pill(_("allowed"), "good")

    @admin.display(description=_("refused webhook requests"))
    def refused(self, meta_app: MetaApp) -> SafeString:
        """Show the refusals of the last days on which there were any."""
        counts = RefusedCount.objects.filter(meta_app=meta_app).order_by("-day", "reason")[:MOST_REFUSED_DAYS]
        return render_to_string("admin/portal/refused.html", {"counts": counts})
