"""Activations in the admin, across businesses: what works, what does not, and who has to act."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from features.activation.asking import ask
from features.activation.models import Activation
from features.activation.showing import activation_section, state_pill
from features.activation.texts import sentence
from features.admin_shows import feature_label
from features.finding import found_installations
from features.models import Cause, Feature
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.changelist import PartnerFilter
from partners.display import NOTHING, page_link, two_lines
from partners.tenant_admin import ReadOnlyTenantAdmin, chosen_ids
from partners.viewing import viewer

OPEN_STEPS = (Activation.StepState.FAILED, Activation.StepState.TO_DO, Activation.StepState.WAITING)


class ActivationAdmin(ReadOnlyTenantAdmin):
    """Every feature's activation; the feature's own page has the tools."""

    list_display = ("feature_shown", "state_shown", "open_step", "business", "state_at")
    list_select_related = ("feature", "installation__business")
    list_filter = (PartnerFilter, "state", "actor")
    search_fields = ("installation__business__external_business_id",)
    search_help_text = _("The beginning of a business's name or external business id.")
    actions = ("check_now",)
    fields = ("feature_link", "installation_link", "steps_shown")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what `__str__` and the page name."""
        related = ("feature", "installation__business", "installation__meta_app")
        return super().get_queryset(request).select_related(*related)

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find the activations of a business."""
        return Q(installation__in=found_installations(viewer(request), term))

    @admin.action(description=_("Check now"), permissions=["use"])
    def check_now(self, request: HttpRequest, activations: QuerySet[Activation]) -> None:
        """Ask for a look at those chosen; up to 1,000."""
        ids = chosen_ids(request, activations)
        if ids is None:
            return
        features = Feature.objects.filter(activation__in=ids, removed_at=None)
        count = ask(features, Cause.STAFF)
        record_in_admin(request, Action.CHECKED, features)
        text = ngettext("%(count)d feature is being checked.", "%(count)d features are being checked.", count)
        messages.success(request, text % {"count": count})

    @admin.display(description=_("feature"))
    def feature_shown(self, activation: Activation) -> SafeString:
        """Name the type in words, and the instance."""
        return two_lines(feature_label(activation.feature.feature_type), activation.feature.feature_instance_id)

    @admin.display(description=_("activation"))
    def state_shown(self, activation: Activation) -> SafeString:
        """Show the state, and below it who has to act."""
        return two_lines(state_pill(activation), activation.get_actor_display())

    @admin.display(description=_("open step"))
    def open_step(self, activation: Activation) -> str:
        """Say what is open first."""
        steps = (each for state in OPEN_STEPS for each in activation.steps if each["state"] == state)
        return next((sentence(each) for each in steps), NOTHING)

    @admin.display(description=_("business"))
    def business(self, activation: Activation) -> SafeString | str:
        """Lead to the installation."""
        business = activation.installation.business
        return page_link(activation.installation, two_lines(business.name, business.external_business_id))

    @admin.display(description=_("feature"))
    def feature_link(self, activation: Activation) -> SafeString | str:
        """Lead to the feature."""
        return page_link(activation.feature, self.feature_shown(activation))

    @admin.display(description=_("installation"))
    def installation_link(self, activation: Activation) -> SafeString | str:
        """Lead to the installation."""
        return page_link(activation.installation)

    @admin.display(description=_("state"))
    def steps_shown(self, activation: Activation) -> SafeString | str:
        """Show the steps."""
        return activation_section(activation.feature)
