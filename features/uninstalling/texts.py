"""What is going on with an uninstall, and what helps, in sentences for staff."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from features.uninstalling.models import Uninstall

State, Reason = Uninstall.State, Uninstall.Reason

_AT_META = gettext_lazy(
    "The business can remove it itself: in Meta's management view, or in its settings at Meta under Business "
    "integrations."
)
_AGAIN = gettext_lazy(
    "Uninstall it once more, or have the business remove it in its settings at Meta under Business integrations. "
    "Should it go after all, the next sync notes it here."
)
_REMEDIES: dict[str, str | Promise] = {
    Reason.NO_TOKEN: gettext_lazy(
        "The business removes the connection itself, in its settings at Meta under Business integrations; or it "
        "connects again, and you uninstall it then."
    ),
    Reason.UNANSWERED: gettext_lazy(
        "Nobody can see from here whether Meta has removed it. The business sees it in its settings at Meta under "
        "Business integrations, and removes there what is left."
    ),
    Reason.STILL_SHOWN: _AGAIN,
    Reason.NEW_SINCE: gettext_lazy(
        "The business may have connected anew, so Meta was not asked once more. If it is to go all the same, uninstall "
        "it once more."
    ),
    Reason.UNREAD: _AGAIN,
}


def standing_of(row: Uninstall) -> str:
    """What is going on, in one or two sentences."""
    if row.is_open:
        return _standing_of_open(row)
    match row.state:
        case State.GONE if row.is_whole:
            return _("Meta no longer has the connection, and the record says so.")
        case State.GONE:
            return _("Meta no longer lists the feature, or has it switched off, and the record says so.")
        case State.REFUSED if not row.reason:
            return _("Meta refused it. Nothing has changed there.")
    return ""


def remedy_of(row: Uninstall) -> str:
    """What helps where it did not come about; empty where nothing need."""
    if row.state == State.REFUSED and not row.reason:
        return str(_AT_META)
    return str(_REMEDIES.get(row.reason, ""))


def _standing_of_open(row: Uninstall) -> str:
    if row.connected_anew_at:
        return _(
            "The business has connected anew meanwhile, so nothing more is sent to Meta. The next sync shows what is "
            "connected now, and ends this."
        )
    if row.state == State.ACKNOWLEDGED:
        return _("Meta has said yes. It may take a while until it is really gone: we look again until it is.")
    if row.looks:
        return _("Meta may have taken an earlier call whose answer was lost. A sync looks whether it is gone.")
    if row.sent_at:
        return _("Meta's answer has not arrived. If it does not, Meta is asked again.")
    return _("Meta is asked as soon as a worker is free.")
