"""Why something cannot be uninstalled from here, in words; the same for buttons, pages and the command."""

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from features.configuration.observed import is_customizable
from features.models import AccessToken, Feature, Installation
from features.uninstalling.models import Uninstall

CONNECTED = (Installation.State.CONNECTED, Installation.State.RECONNECT)

NOT_CONNECTED = _("Nothing is connected at Meta: there is nothing to uninstall.")
REMOVED = _("It is no longer installed.")
IMPLIED = _(
    "Meta does not list this feature: the channel and the assets of a v2 connection imply it. "
    "It goes with the whole connection, or when the business takes its assets away at Meta."
)
NO_API = _(
    "Meta has no interface through which this feature alone could be uninstalled. "
    "The business removes it in Meta's management view, or by going through onboarding again."
)
SWITCHED_OFF = _("It is switched off at Meta already.")
UNDER_WAY = _("It is being uninstalled already.")
NO_TOKEN = _(
    "Meta accepts no access token of this business, so nothing can be uninstalled from here. "
    "The business removes the connection itself, in its settings at Meta under Business integrations."
)


def obstacle(installation: Installation, feature: Feature | None = None) -> str | Promise:
    """Why this connection, or this feature of it, cannot be uninstalled from here now; empty when it can."""
    if feature is not None and (found := obstacle_of_feature(feature)):
        return found
    if installation.state not in CONNECTED:
        return NOT_CONNECTED
    if open_of(installation, feature).exists():
        return UNDER_WAY
    has_token = AccessToken.objects.filter(installation=installation, dead_at=None).exists()
    return "" if has_token else NO_TOKEN


def obstacle_of_feature(feature: Feature) -> str | Promise:
    """What of the feature itself is in the way; empty for one that is customizable and on."""
    if feature.removed_at is not None:
        return REMOVED
    if feature.is_implied:
        return IMPLIED
    if not is_customizable(feature):
        return NO_API
    return SWITCHED_OFF if feature.is_enabled is False else ""


def open_of(installation: Installation, feature: Feature | None) -> QuerySet[Uninstall]:
    """The uninstalls of it that are under way; that of the whole connection covers its features."""
    about = Q(feature=None) | Q(feature=feature) if feature else Q(feature=None)
    return Uninstall.objects.filter(about, installation=installation, state__in=Uninstall.OPEN)
