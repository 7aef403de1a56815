"""Whether an app may go live, in one sentence, and what is to be done first."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from golive.menus.showing import vertical_label
from golive.menus.states import Reason
from golive.readiness.checks.callback import asks_sandbox
from golive.readiness.freshness import is_good
from golive.readiness.models import Check
from golive.readiness.remedies import Remedy, new_entry_point, remedy_of
from golive.readiness.standing import Standing
from golive.readiness.texts import overdue_text, problem_text, step_text, title_of, with_colon
from partners.models import MetaApp


@dataclass(frozen=True)
class Verdict:
    """One sentence with its tone; where something is left, what is first, and the link to do it."""

    tone: str
    text: str
    first: str = ""
    remedy: Remedy | None = None


def verdict_of(standing: Standing) -> Verdict:
    """Say how the app stands; call it inside a door."""
    if standing.left:
        number = standing.left
        text = ngettext("Not ready: %(number)s thing is left.", "Not ready: %(number)s things are left.", number)
        first, remedy = _first(standing)
        return Verdict("bad", text % {"number": number}, first, remedy)
    if standing.doubtful:
        number = standing.doubtful
        text = ngettext(
            "All was good when it was seen last; %(number)s check could not be made again.",
            "All was good when it was seen last; %(number)s checks could not be made again.",
            number,
        )
        return Verdict("warning", text % {"number": number})
    if number := len(standing.being_made):
        text = ngettext(
            "All was good when it was seen last; %(number)s check is being made again.",
            "All was good when it was seen last; %(number)s checks are being made again.",
            number,
        )
        return Verdict("warning", text % {"number": number})
    if standing.is_of_sandbox:
        text = _(
            "Ready in the sandbox; not for Meta, which cannot call the portal: its address is no public https one."
        )
        return Verdict("warning", text)
    if asks_sandbox():
        return Verdict("warning", _("Ready in the sandbox; Meta itself was not asked."))
    if standing.app.is_test:
        return Verdict("good", _("The test app passes every check."))
    return Verdict("good", _("Ready to go live."))


def _first(standing: Standing) -> tuple[str, Remedy | None]:
    """What nobody checks comes first; then what is broken, what nobody has confirmed, and what cannot be told."""
    app, menu = standing.app, next((each for each in standing.menus if not each.state.is_green), None)
    if all(each.checked_at is None and not each.problem for each in standing.checks):
        return _("Let the checks be made."), None
    if overdue := standing.overdue:
        return overdue_text(overdue), None
    if red := next((each for each in standing.checks if each.state == Check.State.RED), None):
        return _of_check(app, red)
    if not standing.menus:
        return _("No active entry point leads to this app."), new_entry_point(app)
    if menu is not None:
        title = _("Menu: %(vertical)s") % {"vertical": vertical_label(menu.state.vertical)}
        return with_colon(title, Reason(menu.state.reason).label), Remedy(_("Confirm the menu"), menu.state.url)
    return _of_check(app, next(each for each in standing.checks if not is_good(each)))


def _of_check(app: MetaApp, check: Check) -> tuple[str, Remedy | None]:
    said = step_text(check.step) or problem_text(check.problem)
    return with_colon(title_of(check.key, check.subject), said), remedy_of(app, check.step)
