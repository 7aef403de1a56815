"""How a catalog stands, in words, and what staff can do about it."""

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogs.models import Catalog
from features.models import Installation
from features.remedies import SECRET_REMEDY
from mbe.errors import WRONG_SECRET
from partners.display import moment

State, Reason = Catalog.State, Catalog.Reason

_AGAIN = gettext_lazy("Send the business a new launch link, so that it goes through onboarding once more.")

REMEDIES: dict[str, str | Promise] = {
    Reason.NO_TOKEN: _AGAIN,
    Reason.NOT_VISIBLE: _AGAIN,
    Reason.PERMISSION: gettext_lazy(
        "See that the Meta app has the permission catalog_management, then send the business a new launch link."
    ),
    Reason.REFUSED: gettext_lazy("Read what Meta says; when it is put right, press Sync now."),
}


def is_under_way(catalog: Catalog) -> bool:
    """Whether something is about to change by itself."""
    return catalog.state in (State.WAITING, State.PUSHING) and not waits_for(catalog)


def explanation(catalog: Catalog) -> str:
    """Why the catalog is not in step, for people; empty when nothing is in the way."""
    if catalog.state == State.ENDED:
        return _("No feature uses this catalog any more.")
    if catalog.state == State.STOPPED:
        return _in_metas_words(str(catalog.get_reason_display()), catalog)
    return waits_for(catalog) if catalog.state != State.IN_STEP else ""


def remedy(catalog: Catalog) -> str:
    """What to do, in words; empty when nothing is to be done."""
    if catalog.state != State.STOPPED:
        return ""
    if catalog.reason == Reason.REFUSED and WRONG_SECRET in catalog.detail:
        return str(SECRET_REMEDY)
    return str(REMEDIES.get(catalog.reason, ""))


def waits_for(catalog: Catalog) -> str:
    """What a push that is asked for waits for; empty when it is a worker's turn, or Meta's."""
    installation, now = catalog.installation, timezone.now()
    if installation.state != Installation.State.CONNECTED:
        return _("The installation is not connected. Products are pushed when it is again.")
    paused_until = installation.meta_app.paused_until
    if paused_until and paused_until > now:
        return _("Meta makes the whole app wait until %(time)s.") % {"time": moment(paused_until)}
    if catalog.not_before and catalog.not_before > now:
        said = _("Meta makes this catalog wait until %(time)s.") % {"time": moment(catalog.not_before)}
        return _in_metas_words(said, catalog)
    if catalog.failures and catalog.due_at:
        said = _("The last try failed; the next one is due at %(time)s.") % {"time": moment(catalog.due_at)}
        return _in_metas_words(said, catalog)
    return ""


def _in_metas_words(said: str, catalog: Catalog) -> str:
    return f"{said} ({catalog.detail})" if catalog.detail else said
