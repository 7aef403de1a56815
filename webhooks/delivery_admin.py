"""Deliveries in the admin: what came, what became of it, and once more."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.changelist import PartnerFilter
from partners.display import page_link, pill
from partners.object_tools import Tool
from partners.tenant_admin import ReadOnlyTenantAdmin, chosen_ids
from webhooks.masked_body import masked_body
from webhooks.models import DeliveredNotice, Delivery
from webhooks.notice_admin import outcome_pill
from webhooks.replaying import process_again

MOST_NOTICES = 50
STATUS_TONES: dict[str, str] = {
    Delivery.Status.PROCESSED: "good",
    Delivery.Status.UNREADABLE: "warning",
    Delivery.Status.FAILED: "bad",
}


class DeliveryAdmin(ReadOnlyTenantAdmin):
    """Every verified POST of Meta's."""

    list_display = ("received_at", "status_pill", "meta_app", "size", "processed_at", "problem")
    list_select_related = ("meta_app",)
    list_filter = (PartnerFilter, "status")
    search_fields = ("pk",)
    search_help_text = _("The number of a delivery; businesses are found among the notices.")
    actions = ("process_again",)
    tools = (Tool("press_process_again", _("Process again")),)
    fields = (
        "status_pill",
        "problem",
        "app_link",
        ("received_at", "processed_at", "size"),
        "notices_shown",
        "body",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the bodies, up to 10 MiB each, where they are until a page shows one."""
        return super().get_queryset(request).select_related("meta_app").defer("sealed_body")

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by number."""
        return Q(pk=int(term)) if term.isdecimal() and len(term) < 19 else Q(pk__in=())

    @admin.action(description=_("Process again"), permissions=["use"])
    def process_again(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        """Put the deliveries chosen back into the inbox."""
        ids = chosen_ids(request, deliveries)
        if ids is None:
            return
        chosen = Delivery.objects.filter(pk__in=ids)
        count = process_again(chosen)
        record_in_admin(request, Action.PROCESSED_AGAIN, chosen.defer("sealed_body"))
        text = ngettext(
            "%(count)d delivery will be processed again.", "%(count)d deliveries will be processed again.", count
        )
        messages.success(request, text % {"count": count})

    def press_process_again(self, request: HttpRequest, delivery: Delivery) -> None:
        """Put this delivery back into the inbox."""
        self.process_again(request, Delivery.objects.filter(pk=delivery.pk))

    @admin.display(description=_("status"))
    def status_pill(self, delivery: Delivery) -> SafeString:
        """Show how far it has come."""
        return pill(delivery.get_status_display(), STATUS_TONES.get(delivery.status, "plain"))

    @admin.display(description=_("Meta app"))
    def app_link(self, delivery: Delivery) -> SafeString | str:
        """Lead to the app."""
        return page_link(delivery.meta_app)

    @admin.display(description=_("notices"))
    def notices_shown(self, delivery: Delivery) -> SafeString:
        """Show the first notices, and the way to all."""
        rows = DeliveredNotice.objects.filter(delivery=delivery).defer("sealed_token").order_by("position")
        found = [{"row": each, "pill": outcome_pill(each)} for each in rows[: MOST_NOTICES + 1]]
        context = {"notices": found[:MOST_NOTICES], "are_cut": len(found) > MOST_NOTICES, "delivery": delivery}
        return render_to_string("admin/portal/notices.html", context)

    @admin.display(description=_("body, secrets masked"))
    def body(self, delivery: Delivery) -> SafeString:
        """Show what Meta sent, without secrets."""
        text = masked_body(delivery)
        if text is None:
            return format_html("{}", _("No key in ENCRYPTION_KEYS opens this body."))
        return format_html('<pre class="body" tabindex="0">{}</pre>', text)
