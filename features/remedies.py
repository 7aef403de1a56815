"""What staff can do about a connection that is not all right."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from features.models import Installation
from mbe.errors import WRONG_SECRET

Reason = Installation.Reason

_AGAIN = _("Send the business a new launch link, so that it goes through onboarding once more.")
_BACK = _("If the business wants to come back, send it a launch link.")

SECRET_REMEDY = _(
    "Meta does not accept the app secret that is kept here. Type in the right one on the Meta app's page; the portal "
    "then asks again by itself."
)

REMEDIES: dict[str, str | Promise] = {
    Reason.NOT_STARTED: _("Send the business a launch link."),
    Reason.NOTHING_INSTALLED: _("Nothing to do while the business is at Meta; otherwise send it a launch link."),
    Reason.NO_TOKEN: _AGAIN,
    Reason.TOKEN_DEAD: _AGAIN,
    Reason.APP_REMOVED: _("Ask the business whether it meant to. If it wants to come back, send it a new launch link."),
    Reason.PASSWORD_CHANGED: _("Send the business a new launch link, so that it signs in with the new password."),
    Reason.TOKEN_EXPIRED: _("Send the business a new launch link; with a new sign-in comes a new token."),
    Reason.LOGGED_OUT: _("Send the business a new launch link, so that it signs in at Meta again."),
    Reason.NOT_VISIBLE: _AGAIN,
    Reason.PERMISSION: _("See that the Meta app has the permission, then send the business a new launch link."),
    Reason.REFUSED: _("Read what Meta says; the Meta app's settings or the Graph version may need a change."),
    Reason.UNINSTALLED: _BACK,
    Reason.UNINSTALLED_BY_STAFF: _BACK,
}


def is_for_the_secret(installation: Installation) -> bool:
    """Whether Meta refused because the app's secret is not the one that is kept here."""
    return installation.reason == Reason.REFUSED and WRONG_SECRET in installation.reason_detail


def remedy(installation: Installation) -> str:
    """What to do, in words; empty when all is well."""
    if is_for_the_secret(installation):
        return str(SECRET_REMEDY)
    return str(REMEDIES.get(installation.reason, ""))
