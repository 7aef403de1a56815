"""Uninstalls in the admin: what was asked for, how far it is, and how it ended."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from features.finding import found_installations
from features.models import Installation
from features.uninstalling.asking import call_off, try_now
from features.uninstalling.models import Uninstall
from features.uninstalling.showing import state_pill, subject_of, uninstall_shown
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.changelist import PartnerFilter
from partners.display import NOTHING, page_link, two_lines
from partners.object_tools import Tool
from partners.tenancy import tenant
from partners.tenant_admin import ReadOnlyTenantAdmin
from partners.viewing import viewer

CALL_OFF_QUESTION = _(
    "Nothing more is sent to Meta for it. Where an answer of Meta's was lost, Meta may have uninstalled it already: "
    "the next sync shows that. Do you want to call it off?"
)


def is_requested(row: Uninstall) -> bool:
    """Whether Meta has not acknowledged it, so that there is something to hurry or to call off."""
    return row.state == Uninstall.State.REQUESTED


def is_waiting(row: Uninstall) -> bool:
    """Whether it waits for something that people can end: a limit's wait is Meta's."""
    return is_requested(row) and row.wait != Installation.Wait.LIMIT


class UninstallAdmin(ReadOnlyTenantAdmin):
    """Every uninstall that staff have asked for."""

    change_form_template = "admin/portal/uninstall_page.html"
    list_display = ("asked_at", "state_shown", "subject", "business", "asked_by", "words")
    list_select_related = ("feature", "installation__business")
    list_filter = (PartnerFilter, "state")
    search_fields = ("installation__business__external_business_id",)
    search_help_text = _("The beginning of a business's name or external business id.")
    tools = (
        Tool("try_now", _("Try now"), is_for=is_waiting),
        Tool("call_off", _("Call off"), CALL_OFF_QUESTION, is_for=is_requested),
    )
    fieldsets = (
        (None, {"fields": ("shown", "installation_link", "feature_link")}),
        (_("Tries"), {"fields": (("calls", "looks"), ("failures", "wait", "not_before"))}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what `__str__` and the page name."""
        related = ("feature", "installation__business", "installation__meta_app")
        return super().get_queryset(request).select_related(*related)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let a feature lead to its own."""
        return lookup == "feature" or super().lookup_allowed(lookup, value, request)

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find the uninstalls of a business."""
        return Q(installation__in=found_installations(viewer(request), term))

    def try_now(self, request: HttpRequest, row: Uninstall) -> None:
        """End the wait after an error."""
        with tenant(row.partner_id):
            is_tried = try_now(row)
        if not is_tried:
            messages.error(request, _("A worker is at it just now. Open the page again in a moment."))
            return
        record_in_admin(request, Action.CHECKED, [row])
        messages.success(request, _("Meta is asked as soon as a worker is free."))

    def call_off(self, request: HttpRequest, row: Uninstall) -> None:
        """Let nothing more be sent."""
        with tenant(row.partner_id):
            if is_off := call_off(row):
                record(Action.CALLED_OFF, row, by=By.request(request))
        if not is_off:
            messages.error(
                request, _("It is too late: a worker is asking Meta just now, or Meta has said yes already.")
            )

    @admin.display(description=_("state"))
    def state_shown(self, row: Uninstall) -> SafeString:
        """Show how far it is."""
        return state_pill(row)

    @admin.display(description=_("what"))
    def subject(self, row: Uninstall) -> SafeString | str:
        """Name the feature, or the whole."""
        return two_lines(subject_of(row), row.feature.feature_instance_id) if row.feature else subject_of(row)

    @admin.display(description=_("business"))
    def business(self, row: Uninstall) -> SafeString | str:
        """Lead to the installation."""
        business = row.installation.business
        return page_link(row.installation, two_lines(business.name, business.external_business_id))

    @admin.display(description=_("why"))
    def words(self, row: Uninstall) -> str:
        """Say why it ended so, or still waits."""
        return row.explanation or NOTHING

    @admin.display(description=_("how it went"))
    def shown(self, row: Uninstall) -> SafeString:
        """Show the steps."""
        return uninstall_shown(row)

    @admin.display(description=_("installation"))
    def installation_link(self, row: Uninstall) -> SafeString | str:
        """Lead to the installation."""
        return page_link(row.installation)

    @admin.display(description=_("feature"))
    def feature_link(self, row: Uninstall) -> SafeString | str:
        """Lead to the feature, if it is about one."""
        return page_link(row.feature)
