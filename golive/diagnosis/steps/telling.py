"""What Meta tells: webhooks, which are hints, and the installs API, which is the truth."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from features.models import Installation, MbeVersion
from features.remedies import SECRET_REMEDY, is_for_the_secret
from features.uninstalling.texts import standing_of
from golive.diagnosis.buttons import new_link
from golive.diagnosis.case import Case
from golive.diagnosis.findings import Finding, Remedy, broken, in_metas_words, not_reached, ok, weak
from golive.diagnosis.remedies import (
    adopt,
    app_page,
    installation_page,
    look_again,
    process_again,
    sync_now,
    the_uninstall,
)
from partners.display import moment
from webhooks.models import DeliveredNotice, Delivery, RefusedCount

Reason, Wait = Installation.Reason, Installation.Wait
Lost = Delivery | RefusedCount


def webhook(case: Case) -> Finding:
    """Whether Meta's webhooks about the business arrive and are taken."""
    lost = _lost(case)
    if case.lost_webhook is not None and lost is not None:
        return broken(*_about(case, lost), helps=_helps(case, lost))
    if case.waiting_notice is not None:
        return _waiting(case, case.waiting_notice)
    if not case.has_come:
        return not_reached()
    if lost is not None:
        say = broken if case.naming and case.waits_in_webhook else weak
        return say(*_about(case, lost), _last(case), helps=_helps(case, lost))
    if case.notice is not None:
        return ok(_("Meta's webhooks about the business arrive."), _last(case))
    text = _("No webhook about the business has come. It is only a hint: the portal asks Meta by itself as well.")
    return weak(text, helps=[*app_page(case.app), *sync_now(case)])


def _waiting(case: Case, notice: DeliveredNotice) -> Finding:
    text = _("A webhook told of the business before it was known here, and waits to be adopted.")
    seen = _("Received: %(at)s") % {"at": moment(notice.delivery.received_at)}
    say = weak if case.living_tokens else broken
    return say(text, seen, helps=adopt(notice))


def _lost(case: Case) -> Lost | None:
    """A webhook of the app that was not taken, and that no answer of Meta's has made up for."""
    if case.lost_webhook is not None:
        return case.lost_webhook
    return next(iter([*case.naming, *case.doubtful]), case.refused)


def _about(case: Case, lost: Lost) -> tuple[str, str]:
    """What became of it, and when."""
    if isinstance(lost, Delivery):
        text = _naming(len(case.naming)) or _(
            "A webhook of the app could not be processed; it may have been about this business."
        )
        at = moment(lost.received_at)
        return text, _("Received: %(at)s. %(problem)s") % {"at": at, "problem": lost.problem}
    text = _("Webhooks of the app are refused: they are not signed with the secret that is kept here.")
    return text, _("Last refused: %(at)s") % {"at": moment(lost.last_at)}


def _naming(count: int) -> str:
    text = ngettext(
        "%(count)s failed webhook names this business.", "%(count)s failed webhooks name this business.", count
    )
    return text % {"count": count} if count else ""


def _helps(case: Case, lost: Lost) -> list[Remedy]:
    return process_again(lost) if isinstance(lost, Delivery) else app_page(case.app)


def _last(case: Case) -> str:
    return _("Last one: %(at)s") % {"at": moment(case.notice.delivery.received_at)} if case.notice else ""


def installs(case: Case) -> Finding:
    """Whether Meta says that something is installed."""
    row = case.installation
    if row is None or not case.has_come:
        return not_reached()
    if case.is_uninstalled:
        ended = _("Ended: %(at)s") % {"at": moment(case.turn.occurred_at)} if case.turn else ""
        helps = [*new_link(case), *sync_now(case)]
        text = str(row.get_reason_display()) or _("The connection has ended.")
        return broken(text, ended, in_metas_words(row.reason_detail), helps=helps)
    hold_up = _hold_up(case, row) if row.is_syncing else None
    if case.is_connected and not row.reason:
        return _standing(case, row, hold_up)
    if hold_up is not None:
        text, helps = hold_up
        return broken(text, in_metas_words(row.last_error), helps=helps)
    if row.is_syncing:
        return broken(_("Meta is being asked just now."), helps=[*look_again(case), *sync_now(case)])
    return _stopped(case, row)


def _standing(case: Case, row: Installation, hold_up: tuple[str, list[Remedy]] | None) -> Finding:
    """Of a connection that stands by the last answer, and may be on its way out or held up since."""
    if case.uninstall is not None:
        text = _("Staff have asked Meta to uninstall the whole connection; it is not gone yet.")
        asked = _("Asked for: %(at)s") % {"at": moment(case.uninstall.asked_at)}
        anew = standing_of(case.uninstall) if case.uninstall.connected_anew_at else ""
        return weak(text, asked, anew, _asked(row), helps=the_uninstall(case.uninstall))
    version = _("Meta answers in v2.") if row.mbe_version == MbeVersion.V2 else ""
    if hold_up is not None:
        text, helps = hold_up
        return weak(text, _asked(row), in_metas_words(row.last_error), helps=helps)
    return ok(_("Meta says what is installed."), _asked(row), version)


def _hold_up(case: Case, row: Installation) -> tuple[str, list[Remedy]] | None:
    """Why Meta cannot be asked now, and what helps; nothing where it can."""
    paused_until = case.app.paused_until
    if paused_until is not None and paused_until > case.at:
        text = _("Meta makes the whole app wait until %(at)s; the portal goes on by itself then.")
        return text % {"at": moment(paused_until)}, app_page(case.app)
    if row.wait == Wait.LIMIT and row.not_before is not None and row.not_before > case.at:
        text = _("Meta makes this business wait until %(at)s; the portal goes on by itself then.")
        return text % {"at": moment(row.not_before)}, installation_page(case)
    if row.wait == Wait.BACKOFF:
        text = ngettext(
            "Meta gives no sound answer: %(count)s try failed. The portal tries again by itself.",
            "Meta gives no sound answer: %(count)s tries in a row failed. The portal tries again by itself.",
            row.failures,
        )
        return text % {"count": row.failures}, [*sync_now(case), *installation_page(case)]
    return None


def _stopped(case: Case, row: Installation) -> Finding:
    """Of a business about which the portal asks no more until something changes."""
    if is_for_the_secret(row):
        helps = [*app_page(case.app), *sync_now(case)]
        return broken(str(SECRET_REMEDY), in_metas_words(row.reason_detail), _asked(row), helps=helps)
    is_refused = row.reason == Reason.REFUSED
    helps = [*(app_page(case.app) if is_refused else new_link(case)), *sync_now(case)]
    is_asked = row.reason not in ("", Reason.NOT_STARTED)
    text = str(row.get_reason_display()) if is_asked else _("Meta has not been asked yet.")
    return broken(text, in_metas_words(row.reason_detail), _asked(row), helps=helps)


def _asked(row: Installation) -> str:
    return _("Last answer: %(at)s") % {"at": moment(row.synced_at)} if row.synced_at else ""
