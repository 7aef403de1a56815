"""Features in the admin, across businesses."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from features.activation.asset_pages import AssetPages
from features.activation.feature_tools import ACTIVATION_TOOLS
from features.activation.filters import ActivationFilter
from features.admin_shows import feature_label, feature_pill
from features.configuration.bulk_pages import BulkConfigurationPages
from features.configuration.feature_section import card_pill, configuration_section
from features.configuration.filters import ConfigurationFilter
from features.configuration.observed import is_customizable
from features.finding import found_installations
from features.management_view import management_url
from features.models import Feature
from features.uninstalling.pages import UNINSTALL_ONE, UninstallPages
from mbe.catalog import FEATURE_TYPES
from partners.changelist import PartnerFilter
from partners.display import NOTHING, facts, page_link, two_lines
from partners.object_tools import Button
from partners.viewing import viewer


class TypeFilter(admin.SimpleListFilter):
    """By the catalog's feature types."""

    title = _("feature type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the specification's types, in the reader's language."""
        language = get_language() or "en"
        return [(each.name, each.label.in_language(language)) for each in FEATURE_TYPES.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feature]) -> QuerySet[Feature]:
        """Keep one type."""
        return queryset.filter(feature_type=self.value()) if self.value() else queryset


class InstalledFilter(admin.SimpleListFilter):
    """Installed now, or removed."""

    title = _("installed")
    parameter_name = "installed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer both."""
        return [("yes", _("installed")), ("no", _("removed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feature]) -> QuerySet[Feature]:
        """Keep one of the two."""
        return queryset.filter(removed_at__isnull=self.value() == "yes") if self.value() in ("yes", "no") else queryset


class FeatureAdmin(BulkConfigurationPages, AssetPages, UninstallPages):
    """Every feature instance, installed and removed."""

    list_display = (
        "feature_instance_id",
        "status",
        "label",
        "business",
        "activation_status",
        "configuration_status",
        "installed_at",
        "removed_at",
    )
    list_select_related = ("installation__business", "wanted", "activation")
    list_filter = (PartnerFilter, InstalledFilter, TypeFilter, ActivationFilter, ConfigurationFilter)
    tools = (*BulkConfigurationPages.tools, *ACTIVATION_TOOLS, UNINSTALL_ONE)
    search_fields = ("feature_instance_id",)
    search_help_text = _("A feature instance id, or the beginning of a business's name or external business id.")
    fieldsets = (
        (
            None,
            {"fields": ("status", "label", "feature_type", "feature_type_raw", "feature_name", "installation_shown")},
        ),
        (_("Activation"), {"fields": ("activation_shown",)}),
        (_("Assets"), {"fields": ("assets", "more")}),
        (_("Configuration"), {"fields": ("configuration_shown",)}),
        (_("Uninstall"), {"fields": ("uninstall_shown",)}),
        (_("Times"), {"fields": ("installed_at", "removed_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names."""
        related = ("installation__business", "installation__meta_app", "wanted", "activation", "partner")
        return super().get_queryset(request).select_related(*related)

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find one instance, or the features of a business."""
        return Q(feature_instance_id=term) | Q(installation__in=found_installations(viewer(request), term))

    def links(self, row: Feature) -> list[Button]:
        """Lead to Meta's management view; where nothing can be set from here, back into onboarding as well."""
        if row.removed_at:
            return []
        url = management_url(row.installation)
        manage = [Button(_("Management view at Meta"), url, is_external=True)] if url else []
        if is_customizable(row):
            return manage
        query = f"?business={row.installation.business_id}&meta_app={row.installation.meta_app_id}"
        again = reverse("admin:onboarding_launchlink_add") + query
        return [*manage, Button(_("New launch link"), again)]

    @admin.display(description=_("feature"))
    def label(self, feature: Feature) -> str:
        """Name the type in words."""
        return feature_label(feature.feature_type)

    @admin.display(description=_("business"))
    def business(self, feature: Feature) -> SafeString | str:
        """Lead to the installation."""
        business = feature.installation.business
        return page_link(feature.installation, two_lines(business.name, business.external_business_id))

    @admin.display(description=_("installation"))
    def installation_shown(self, feature: Feature) -> SafeString | str:
        """Lead to the installation."""
        return page_link(feature.installation)

    @admin.display(description=_("status"))
    def status(self, feature: Feature) -> SafeString:
        """Say whether it is installed."""
        return feature_pill(feature)

    @admin.display(description=_("connected assets"))
    def assets(self, feature: Feature) -> SafeString:
        """Show its own assets, which win over the installation's."""
        return facts(feature.connected_assets)

    @admin.display(description=_("additional info"))
    def more(self, feature: Feature) -> SafeString:
        """Show what else Meta says."""
        return facts(feature.additional_info)

    @admin.display(description=_("settings"))
    def configuration_shown(self, feature: Feature) -> SafeString:
        """Show what Meta has, what is wanted, and how they compare."""
        return configuration_section(feature)

    @admin.display(description=_("configuration"))
    def configuration_status(self, feature: Feature) -> SafeString | str:
        """Say how Meta's configuration compares with what is wanted."""
        return card_pill(feature) or NOTHING
