"""What staff do about an activation on a feature's page: have it checked, or say that it works."""

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from features.activation.asking import ask
from features.activation.models import LONGEST_NAME, Activation
from features.activation.showing import activation_of, activation_pill, activation_section, is_confirmable
from features.models import Cause, Feature
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.display import NOTHING
from partners.object_tools import Tool
from partners.tenant_admin import ReadOnlyTenantAdmin

CHECK = Tool("press_check", _("Check now"), is_for=lambda feature: feature.removed_at is None)
CONFIRM = Tool(
    "press_confirm",
    _("Mark as working"),
    question=_(
        "Have you seen that this feature works? The portal cannot check the open steps itself. "
        "Your word holds until the feature's assets change."
    ),
    is_for=lambda feature: feature.removed_at is None and is_confirmable(activation_of(feature)),
)
ACTIVATION_TOOLS = (CHECK, CONFIRM)


class ActivationPages(ReadOnlyTenantAdmin):
    """Adds to the pages of features what stands about activation; the list reads `activation` with each feature."""

    def press_check(self, request: HttpRequest, feature: Feature) -> None:
        """Ask for a look at this one."""
        ask([feature], Cause.STAFF)
        record_in_admin(request, Action.CHECKED, [feature])
        messages.success(request, _("The feature is being checked. Open the page again in a moment."))

    def press_confirm(self, request: HttpRequest, feature: Feature) -> None:
        """Take a person's word that what the portal cannot check works."""
        # What the person saw: a row whose assets have changed meanwhile is another.
        same = Activation.objects.filter(feature=feature, assets=feature.connected_assets)
        if not same.update(confirmed_by=request.user.get_username()[:LONGEST_NAME], confirmed_at=timezone.now()):
            messages.error(request, _("The feature's assets have changed. Look at the open steps again."))
            return
        ask([feature], Cause.STAFF)
        record_in_admin(request, Action.CONFIRMED, [feature])
        messages.success(request, _("The feature is marked as working."))

    @admin.display(description=_("state"))
    def activation_shown(self, feature: Feature) -> SafeString | str:
        """Show the steps, and how far they are."""
        return activation_section(feature)

    @admin.display(description=_("activation"))
    def activation_status(self, feature: Feature) -> SafeString | str:
        """Show the state, and who has to act."""
        return activation_pill(feature) or NOTHING
