"""Installations in the admin: the record of what Meta owns."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from features.admin_shows import state_pill
from features.asking import ask_for_sync
from features.finding import found_businesses
from features.installation_sections import changes_section, features_section, tokens_section
from features.management_view import management_url
from features.models import Feature, Installation
from features.remedies import remedy
from features.uninstalling.pages import UNINSTALL_ALL, UninstallPages
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.changelist import PartnerFilter
from partners.display import NOTHING, facts, page_link, two_lines
from partners.gate import visible
from partners.models import MetaApp
from partners.object_tools import Button, Tool
from partners.tenant_admin import MOST_ROWS_OF_AN_ACTION
from partners.viewing import viewer


def sync_and_say(request: HttpRequest, installations: QuerySet[Installation]) -> None:
    """Ask for a sync of up to 1,000 installations, and say so."""
    ids = list(installations.order_by().values_list("pk", flat=True)[: MOST_ROWS_OF_AN_ACTION + 1])
    if len(ids) > MOST_ROWS_OF_AN_ACTION:
        messages.error(request, _("At most 1,000 at a time; for more there is the command “manage.py sync”."))
        return
    chosen = Installation.objects.filter(pk__in=ids)
    count = ask_for_sync(chosen)
    record_in_admin(request, Action.SYNC_ASKED, chosen.select_related("business", "meta_app"))
    text = ngettext("Sync of %(count)d installation asked for.", "Sync of %(count)d installations asked for.", count)
    messages.success(request, text % {"count": count})


class InstallationAdmin(UninstallPages):
    """One business on one Meta app, with all that is known of it."""

    list_display = ("business_shown", "app_name", "state_and_reason", "living_features", "management_id", "synced_at")
    list_select_related = ("business", "meta_app")
    list_filter = (PartnerFilter, "state")
    search_fields = ("business__external_business_id",)
    search_help_text = _("The beginning of a business's name or external business id, or a Business Manager id.")
    actions = ("sync_now",)
    tools = (Tool("press_sync", _("Sync now")), UNINSTALL_ALL)
    fieldsets = (
        (
            _("Connection"),
            {
                "fields": (
                    "pill",
                    "why",
                    "what_to_do",
                    "management",
                    "business_link",
                    "app_link",
                    "management_id",
                    "token_type",
                )
            },
        ),
        (_("Uninstall"), {"fields": ("uninstall_shown",)}),
        (_("Features"), {"fields": ("features",)}),
        (_("Assets of the whole installation"), {"fields": ("assets_shown", "info_shown")}),
        (_("Access tokens"), {"fields": ("tokens",)}),
        (_("Changes"), {"fields": ("changes",)}),
        (
            _("Sync"),
            {
                "fields": (
                    ("synced_at", "configuration_synced_at", "reconcile_at"),
                    ("requested_at", "requested_cause", "is_stopped"),
                    ("wait", "not_before", "failures"),
                    ("last_error", "last_error_at"),
                    "configuration_error",
                    ("requested_generation", "claimed_generation", "applied_generation"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what `__str__` names."""
        return super().get_queryset(request).select_related("business", "meta_app")

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by business or Business Manager."""
        return Q(business__in=found_businesses(viewer(request), term)) | Q(
            meta_app__in=visible(MetaApp.objects.values("pk"), viewer(request)), business_manager_id=term
        )

    def preload(self, rows: list[Any]) -> None:
        """Count the features of the page's installations with one query."""
        of_page = Feature.objects.filter(installation__in=[row.pk for row in rows], removed_at=None)
        counts = dict(of_page.values_list("installation_id").annotate(Count("pk")))
        for row in rows:
            row.living = counts.get(row.pk, 0)

    def links(self, row: Installation) -> list[Button]:
        """Lead to the diagnosis, to Meta's management view, back into onboarding, and to the catalogs."""
        query = f"?business={row.business_id}&meta_app={row.meta_app_id}"
        again = reverse("admin:onboarding_launchlink_add") + query
        catalogs = reverse("admin:catalogs_catalog_changelist") + f"?installation={row.pk}"
        url = management_url(row)
        manage = [Button(_("Management view at Meta"), url, is_external=True)] if url else []
        why = Button(_("Why is it not live?"), reverse("golive-diagnosis", args=[row.business_id]))
        return [why, *manage, Button(_("New launch link"), again), Button(_("Catalogs"), catalogs)]

    @admin.action(description=_("Sync now"), permissions=["use"])
    def sync_now(self, request: HttpRequest, installations: QuerySet[Installation]) -> None:
        """Ask for a sync of the installations chosen."""
        sync_and_say(request, installations)

    def press_sync(self, request: HttpRequest, installation: Installation) -> None:
        """Ask for a sync of this one."""
        sync_and_say(request, Installation.objects.filter(pk=installation.pk))

    @admin.display(description=_("business"))
    def business_shown(self, installation: Installation) -> SafeString:
        """Name the business."""
        return two_lines(installation.business.name, installation.business.external_business_id)

    @admin.display(description=_("Meta app"))
    def app_name(self, installation: Installation) -> str:
        """Name the app."""
        return installation.meta_app.name

    @admin.display(description=_("state"))
    def state_and_reason(self, installation: Installation) -> SafeString:
        """Show the state, and below it why it is so."""
        return two_lines(state_pill(installation), installation.get_reason_display() if installation.reason else "")

    @admin.display(description=_("state"))
    def pill(self, installation: Installation) -> SafeString:
        """Show the state."""
        return state_pill(installation)

    @admin.display(description=_("features"))
    def living_features(self, installation: Any) -> int:
        """Count what is installed."""
        return int(installation.living)

    @admin.display(description=_("Business Manager"))
    def management_id(self, installation: Installation) -> str:
        """Name the Business Manager that the connection is locked to."""
        return installation.business_manager_id

    @admin.display(description=_("reason"))
    def why(self, installation: Installation) -> str:
        """Say why the connection is in its state."""
        return installation.explanation or NOTHING

    @admin.display(description=_("what to do"))
    def what_to_do(self, installation: Installation) -> str:
        """Say what helps."""
        return remedy(installation) or NOTHING

    @admin.display(description=_("management view"))
    def management(self, installation: Installation) -> str:
        """Say whether there is a way to Meta's management view."""
        if management_url(installation):
            return str(_("The button above leads there."))
        if installation.state not in (Installation.State.CONNECTED, Installation.State.RECONNECT):
            return str(_("There is none without a connection."))
        return str(_("Meta's management view needs a Page, and none is connected. Send a new launch link instead."))

    @admin.display(description=_("business"))
    def business_link(self, installation: Installation) -> SafeString | str:
        """Lead to the business."""
        return page_link(installation.business)

    @admin.display(description=_("Meta app"))
    def app_link(self, installation: Installation) -> SafeString | str:
        """Lead to the app."""
        return page_link(installation.meta_app)

    @admin.display(description=_("installed"))
    def features(self, installation: Installation) -> SafeString:
        """Show every feature instance, with its own assets."""
        return features_section(installation)

    @admin.display(description=_("assets"))
    def assets_shown(self, installation: Installation) -> SafeString:
        """Show the top-level assets."""
        return facts(installation.assets)

    @admin.display(description=_("additional info"))
    def info_shown(self, installation: Installation) -> SafeString:
        """Show what else Meta says of the whole."""
        return facts(installation.additional_info)

    @admin.display(description=_("tokens"))
    def tokens(self, installation: Installation) -> SafeString:
        """Show kinds and ages; never a token."""
        return tokens_section(installation)

    @admin.display(description=_("newest"))
    def changes(self, installation: Installation) -> SafeString:
        """Show the newest changes."""
        return changes_section(installation)
