"""Meta apps in the admin, with what has to be entered at Meta and what their endpoint refused."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import IntegrityError
from django.db.models import Max, Q
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from features.activation.models import PageNoticeCount
from partners.app_form import MetaAppForm
from partners.app_secrets import retire_previous_secret
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.changelist import PartnerFilter
from partners.display import NOTHING, copyable, moment, pill, two_lines
from partners.encryption import UnknownKey
from partners.models import MetaApp, Role
from partners.object_tools import Button, Tool
from partners.tenant_admin import TenantAdmin, sole_partner_of
from webhooks.models import RefusedCount

MOST_REFUSED_DAYS = 30
MOST_PAGE_NOTICES = 30


class MetaAppAdmin(TenantAdmin):
    """A partner's apps at Meta: owners look after them, and after their secrets."""

    form = MetaAppForm
    change_role = Role.OWNER
    can_delete = True
    list_display = ("name", "app_id", "partner", "pause", "created_at")
    list_select_related = ("partner",)
    list_filter = (PartnerFilter,)
    search_fields = ("name", "app_id")
    search_help_text = _("The beginning of a name, or an app id.")
    autocomplete_fields = ("partner",)
    tools = (
        Tool(
            "press_retire",
            _("Retire the previous secret"),
            question=_("Webhooks that are still signed with the previous secret will be refused. Retire it?"),
            role=Role.OWNER,
            is_for=lambda meta_app: meta_app.sealed_previous_secret is not None,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names; no list needs the secrets."""
        sealed = ("sealed_secret", "sealed_previous_secret", "sealed_verify_token")
        return super().get_queryset(request).select_related("partner").defer(*sealed)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form again where another partner has the app id: only the database sees that row."""
        try:
            return super().add_view(request, form_url, extra_context)
        except IntegrityError:
            request.app_id_is_taken = True  # type: ignore[attr-defined]  # for `get_form` alone
            return super().add_view(request, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[Any]:
        """Tell the form what the database has said."""
        form = super().get_form(request, obj, change, **kwargs)
        form.app_id_is_taken = hasattr(request, "app_id_is_taken")
        return form

    def links(self, row: MetaApp) -> list[Button]:
        """Lead to whether it may go live, and to how far its businesses are from v2 to v3."""
        readiness = Button(_("Readiness"), reverse("golive-readiness", args=[row.pk]))
        imports = Button(_("Import from v2"), reverse("golive-imports", args=[row.pk]))
        menus = Button(_("Feature menus"), reverse("golive-menus", args=[row.pk]))
        letter = Button(_("Letter to Meta"), reverse("golive-letter", args=[row.pk]))
        cockpit = Button(_("From v2 to v3"), reverse("golive-cockpit", args=[row.pk]))
        return [readiness, cockpit, imports, menus, letter]

    def press_retire(self, request: HttpRequest, meta_app: MetaApp) -> None:
        """Let the previous secret verify nothing any more."""
        retire_previous_secret(meta_app)
        record_in_admin(request, Action.SECRET_RETIRED, [meta_app])
        messages.success(request, _("The previous secret is retired; within seconds no webhook is accepted with it."))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the partner only where there is a choice."""
        has_partner_field = obj is not None or sole_partner_of(request) is None
        owner = ("partner",) if has_partner_field else ()
        about = (None, {"fields": (*owner, "name", "app_id", "is_test", "new_secret", "new_verify_token")})
        offers = (_("Offers"), {"fields": ("features",)})
        at_meta = (_("To enter at Meta"), {"fields": ("callback_url", "redirect_uri", "auth_url", "sign_in_url")})
        health = (_("Health"), {"fields": ("pause", "secret_kept", "previous_secret", "refused", "page_notices")})
        return (about, at_meta, offers, health) if obj else (about, offers)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the app id: installations and links hang on it."""
        shown = (
            "callback_url",
            "redirect_uri",
            "auth_url",
            "pause",
            "secret_kept",
            "previous_secret",
            "refused",
            "page_notices",
        )
        return ("partner", "app_id", *shown) if obj else ()

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

    @admin.display(description=_("auth URL"))
    def auth_url(self, meta_app: MetaApp) -> SafeString:
        """Show what Meta has to open when a merchant starts there (meta-api §1.11)."""
        url = settings.PUBLIC_URL + reverse("business-app", args=[meta_app.app_id])
        return copyable(url, str(_("auth URL, to enter at Meta")))

    @admin.display(description=_("calls to Meta"))
    def pause(self, meta_app: MetaApp) -> SafeString:
        """Say until when Meta makes the whole app wait."""
        if meta_app.paused_until and meta_app.paused_until > now():
            return pill(_("paused until %(at)s") % {"at": moment(meta_app.paused_until)}, "warning")
        return pill(_("allowed"), "good")

    @admin.display(description=_("app secret"))
    def secret_kept(self, meta_app: MetaApp) -> SafeString:
        """Say whether the secret can be used; nothing of it is shown."""
        try:
            is_kept = bool(meta_app.secret)
        except UnknownKey:
            is_kept = False
        if is_kept:
            return pill(_("kept"), "good")
        return pill(_("no key in ENCRYPTION_KEYS opens it: type it in again"), "bad")

    @admin.display(description=_("previous secret"))
    def previous_secret(self, meta_app: MetaApp) -> SafeString | str:
        """Say since when the secret before verifies as the second one, and when it last did."""
        if meta_app.sealed_previous_secret is None:
            return NOTHING
        uses = RefusedCount.objects.filter(meta_app=meta_app, reason=RefusedCount.PREVIOUS_SECRET)
        used_at = uses.filter(last_at__gt=meta_app.secret_replaced_at).aggregate(at=Max("last_at"))["at"]
        still = pill(
            _("still verifies webhooks; replaced on %(at)s") % {"at": moment(meta_app.secret_replaced_at)}, "warning"
        )
        if used_at is None:
            return two_lines(still, _("No webhook has needed it since."))
        return two_lines(still, _("A webhook last needed it on %(at)s.") % {"at": moment(used_at)})

    @admin.display(description=_("refused webhook requests"))
    def refused(self, meta_app: MetaApp) -> SafeString:
        """Show the refusals of the last days on which there were any."""
        refusals = RefusedCount.objects.filter(meta_app=meta_app).exclude(reason=RefusedCount.PREVIOUS_SECRET)
        counts = refusals.order_by("-day", "reason")[:MOST_REFUSED_DAYS]
        return render_to_string("admin/portal/refused.html", {"counts": counts})

    @admin.display(description=_("notices about Pages"))
    def page_notices(self, meta_app: MetaApp) -> SafeString:
        """Show the newest counts of what is answered and counted, and not kept."""
        counts = PageNoticeCount.objects.filter(meta_app=meta_app).order_by("-day", "-count", "page_id", "field")
        return render_to_string("admin/portal/page_notices.html", {"counts": counts[:MOST_PAGE_NOTICES]})
