"""Feeds in the admin: where products are fetched, how often, and how it went."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalogs.feeds import ask_for_fetch
from catalogs.forms import FeedForm
from catalogs.models import Feed
from catalogs.wake import fetchers
from catalogs.wording import problem_text
from features.finding import found_businesses
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.changelist import PartnerFilter
from partners.display import pill
from partners.object_tools import Button, Tool
from partners.tenancy import tenant
from partners.tenant_admin import TenantAdmin
from partners.viewing import viewer


class FeedAdmin(TenantAdmin):
    """One feed for each business."""

    form = FeedForm
    can_delete = True
    list_display = ("business", "url", "state_shown", "every_hours", "fetched_at", "next_at")
    list_select_related = ("business",)
    list_filter = (PartnerFilter,)
    search_fields = ("business__external_business_id",)
    search_help_text = _("The beginning of a business's name or external business id.")
    autocomplete_fields = ("business",)
    tools = (Tool("fetch_now", _("Fetch now"), is_for=lambda feed: feed.is_active),)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names."""
        return super().get_queryset(request).select_related("business")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show how it went where there is something to show."""
        asked = (None, {"fields": ("business", "url", "format", "every_hours", "is_active")})
        shown = ("state_shown", "problem_shown", "failures", "fetched_at", "next_at")
        return (asked, (_("Fetches"), {"fields": shown})) if obj else (asked,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the business, and what the portal writes."""
        return ("business", "state_shown", "problem_shown", "failures", "fetched_at", "next_at") if obj else ()

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find the feed of a business."""
        return Q(business__in=found_businesses(viewer(request), term))

    def links(self, row: Feed) -> list[Button]:
        """Lead to what came of the fetches."""
        address = reverse("admin:catalogs_intake_changelist") + f"?business={row.business_id}"
        return [Button(_("Intakes"), address)]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Fetch a new address at once, whatever an old one had."""
        if {"url", "format", "is_active"} & {*form.changed_data}:
            obj.next_at, obj.etag, obj.failures, obj.problem = timezone.now(), "", 0, ""
        with tenant(obj.partner_id):
            super().save_model(request, obj, form, change)
            transaction.on_commit(fetchers.wake)

    def fetch_now(self, request: HttpRequest, feed: Feed) -> None:
        """Have the feed fetched at once."""
        with tenant(feed.partner_id):
            ask_for_fetch(Feed.objects.filter(pk=feed.pk))
            transaction.on_commit(fetchers.wake)
        record_in_admin(request, Action.SYNC_ASKED, [feed])
        messages.success(request, _("The feed is fetched; what comes of it stands among the intakes."))

    @admin.display(description=_("state"))
    def state_shown(self, feed: Feed) -> SafeString:
        """Say whether it is fetched, and whether that goes well."""
        if not feed.is_active:
            return pill(_("switched off"))
        if feed.problem:
            return pill(_("not fetched"), "bad")
        return pill(_("fetched"), "good") if feed.fetched_at else pill(_("not fetched yet"))

    @admin.display(description=_("problem"))
    def problem_shown(self, feed: Feed) -> str:
        """Say what is wrong."""
        return problem_text(feed.problem) or str(_("none"))
