"""History lines in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from features.admin_shows import change_pill
from features.finding import found_installations
from features.models import Change
from partners.changelist import PartnerFilter
from partners.display import facts, page_link, two_lines
from partners.tenant_admin import ReadOnlyTenantAdmin
from partners.viewing import viewer


class ChangeAdmin(ReadOnlyTenantAdmin):
    """What changed at Meta, when, and what led us to see it."""

    list_display = ("occurred_at", "kind_pill", "business", "feature_shown", "cause")
    list_select_related = ("installation__business", "feature")
    list_filter = (PartnerFilter, "kind", "cause")
    search_fields = ("installation__business__external_business_id",)
    search_help_text = _("The beginning of a business's name or external business id.")
    fields = (
        "occurred_at",
        "kind_pill",
        "cause",
        "installation_shown",
        "feature_shown",
        "generation",
        "before_shown",
        "after_shown",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what `__str__` and the page name."""
        return (
            super().get_queryset(request).select_related("installation__business", "installation__meta_app", "feature")
        )

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find the changes of a business."""
        return Q(installation__in=found_installations(viewer(request), term))

    @admin.display(description=_("kind"))
    def kind_pill(self, change: Change) -> SafeString:
        """Show what changed."""
        return change_pill(change)

    @admin.display(description=_("business"))
    def business(self, change: Change) -> SafeString | str:
        """Lead to the installation."""
        business = change.installation.business
        return page_link(change.installation, two_lines(business.name, business.external_business_id))

    @admin.display(description=_("installation"))
    def installation_shown(self, change: Change) -> SafeString | str:
        """Lead to the installation."""
        return page_link(change.installation)

    @admin.display(description=_("feature"))
    def feature_shown(self, change: Change) -> SafeString | str:
        """Lead to the feature."""
        return page_link(change.feature)

    @admin.display(description=_("before"))
    def before_shown(self, change: Change) -> SafeString:
        """Show what was."""
        return facts(change.before)

    @admin.display(description=_("after"))
    def after_shown(self, change: Change) -> SafeString:
        """Show what is since."""
        return facts(change.after)
