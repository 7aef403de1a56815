"""Notices in the admin; one about an unknown business can be adopted."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from features.finding import found_installations
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.changelist import PartnerFilter
from partners.display import page_link, pill
from partners.encryption import UnknownKey
from partners.gate import visible
from partners.models import MetaApp
from partners.object_tools import Tool
from partners.tenant_admin import ReadOnlyTenantAdmin, chosen_ids
from partners.viewing import viewer
from webhooks.adoption import adopt, lock_known
from webhooks.models import DeliveredNotice

Outcome = DeliveredNotice.Outcome
TONES: dict[str, str] = {Outcome.HINTED: "good", Outcome.UNKNOWN_BUSINESS: "bad", Outcome.UNIDENTIFIED: "warning"}


def outcome_pill(notice: DeliveredNotice) -> SafeString:
    """What became of a notice."""
    return pill(notice.get_outcome_display(), TONES.get(notice.outcome, "plain"))


class NoticeAdmin(ReadOnlyTenantAdmin):
    """What Meta told, one line for each notice of a delivery."""

    list_display = (
        "moment_shown",
        "field",
        "fbe_event",
        "external_business_id",
        "business_manager_id",
        "outcome_shown",
    )
    list_select_related = ("delivery",)
    list_filter = (PartnerFilter, "outcome")
    search_fields = ("external_business_id",)
    search_help_text = _("The beginning of a known business's name or id, or the whole id of an unknown one.")
    actions = ("adopt_chosen",)
    tools = (
        Tool("press_adopt", _("Adopt this business"), is_for=lambda notice: notice.outcome == Outcome.UNKNOWN_BUSINESS),
    )
    fields = (
        "outcome_shown",
        "field",
        "fbe_event",
        "says_uninstall",
        "external_business_id",
        "business_manager_id",
        "installation_shown",
        "delivery_shown",
        "app_shown",
        "sent_at",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names; no page needs the token."""
        related = ("delivery", "meta_app", "installation__business", "installation__meta_app")
        rows = super().get_queryset(request).select_related(*related)
        return rows.defer("sealed_token", "delivery__sealed_body")

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find what was about a business of ours, and what waits for an unknown one."""
        unknown = Q(
            outcome=Outcome.UNKNOWN_BUSINESS,
            meta_app__in=visible(MetaApp.objects.values("pk"), viewer(request)),
            external_business_id=term,
        )
        return Q(installation__in=found_installations(viewer(request), term)) | unknown

    @admin.action(description=_("Adopt the unknown businesses"), permissions=["use"])
    def adopt_chosen(self, request: HttpRequest, notices: QuerySet[DeliveredNotice]) -> None:
        """Make the businesses of the notices chosen ours, each once."""
        ids = chosen_ids(request, notices.filter(outcome=Outcome.UNKNOWN_BUSINESS))
        if ids is None:
            return
        unknown = DeliveredNotice.objects.filter(pk__in=ids).select_related("meta_app").order_by("pk")
        businesses = {(each.meta_app_id, each.external_business_id): each for each in unknown}
        try:
            with transaction.atomic():
                lock_known(businesses.values())
                adopted = [adopt(notice).business for notice in businesses.values()]
        except UnknownKey:
            messages.error(request, _("No key in ENCRYPTION_KEYS opens a token that waits here; nothing was adopted."))
            return
        record_in_admin(request, Action.ADOPTED, adopted)
        text = ngettext("%(count)d business adopted.", "%(count)d businesses adopted.", len(businesses))
        messages.success(request, text % {"count": len(businesses)})

    def press_adopt(self, request: HttpRequest, notice: DeliveredNotice) -> None:
        """Make this notice's business ours."""
        self.adopt_chosen(request, DeliveredNotice.objects.filter(pk=notice.pk))

    @admin.display(description=_("received at"))
    def moment_shown(self, notice: DeliveredNotice) -> Any:
        """Show when its delivery came."""
        return notice.delivery.received_at

    @admin.display(description=_("outcome"))
    def outcome_shown(self, notice: DeliveredNotice) -> SafeString:
        """Show what became of it."""
        return outcome_pill(notice)

    @admin.display(description=_("installation"))
    def installation_shown(self, notice: DeliveredNotice) -> SafeString | str:
        """Lead to the installation that it hinted at."""
        return page_link(notice.installation)

    @admin.display(description=_("delivery"))
    def delivery_shown(self, notice: DeliveredNotice) -> SafeString | str:
        """Lead to the delivery that brought it."""
        return page_link(notice.delivery)

    @admin.display(description=_("Meta app"))
    def app_shown(self, notice: DeliveredNotice) -> SafeString | str:
        """Lead to the app."""
        return page_link(notice.meta_app)
