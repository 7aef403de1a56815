"""Onboarding attempts in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from features.finding import found_businesses
from onboarding.models import OnboardingAttempt
from partners.changelist import PartnerFilter
from partners.display import NOTHING, page_link, pill
from partners.tenant_admin import ReadOnlyTenantAdmin
from partners.viewing import viewer

Outcome = OnboardingAttempt.Outcome
TONES: dict[str, str] = {
    Outcome.SUCCEEDED: "good",
    Outcome.CANCELLED: "warning",
    Outcome.FAILED: "bad",
    Outcome.EXPIRED: "warning",
}


class AttemptAdmin(ReadOnlyTenantAdmin):
    """Every click on a button, and how it ended."""

    list_display = ("started_at", "business", "outcome_pill", "entry_point", "returned_at", "error", "repeats")
    list_select_related = ("business", "entry_point")
    list_filter = (PartnerFilter, "outcome", "way_in")
    search_fields = ("business__external_business_id",)
    search_help_text = _("The beginning of a business's name or external business id.")
    fields = (
        "outcome_pill",
        "business_link",
        "entry_point_link",
        "app_link",
        "launch_link_link",
        "way_in",
        ("started_at", "expires_at", "returned_at"),
        "error",
        "replays",
        "foreign_returns",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names."""
        related = ("business", "entry_point", "meta_app", "launch_link__business")
        return super().get_queryset(request).select_related(*related)

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find the attempts of a business."""
        return Q(business__in=found_businesses(viewer(request), term))

    @admin.display(description=_("outcome"))
    def outcome_pill(self, attempt: OnboardingAttempt) -> SafeString:
        """Show how it ended."""
        return pill(attempt.get_outcome_display(), TONES.get(attempt.outcome, "plain"))

    @admin.display(description=_("error"))
    def error(self, attempt: OnboardingAttempt) -> str:
        """Show what Meta said."""
        return " ".join(filter(None, [attempt.error_code, attempt.error_message])) or NOTHING

    @admin.display(description=_("replays"))
    def repeats(self, attempt: OnboardingAttempt) -> str:
        """Count the returns that were refused."""
        return str(attempt.replays + attempt.foreign_returns or NOTHING)

    @admin.display(description=_("business"))
    def business_link(self, attempt: OnboardingAttempt) -> SafeString | str:
        """Lead to the business."""
        return page_link(attempt.business)

    @admin.display(description=_("entry point"))
    def entry_point_link(self, attempt: OnboardingAttempt) -> SafeString | str:
        """Lead to the entry point."""
        return page_link(attempt.entry_point)

    @admin.display(description=_("Meta app"))
    def app_link(self, attempt: OnboardingAttempt) -> SafeString | str:
        """Lead to the app."""
        return page_link(attempt.meta_app)

    @admin.display(description=_("launch link"))
    def launch_link_link(self, attempt: OnboardingAttempt) -> SafeString | str:
        """Lead to the link."""
        return page_link(attempt.launch_link)
