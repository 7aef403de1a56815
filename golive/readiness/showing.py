"""Checks and menus as the page shows them, in the reader's words and zone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from golive.menus.showing import vertical_label
from golive.menus.states import Reason
from golive.menus.states import Standing as MenuStanding
from golive.readiness.checks.callback import callback_url
from golive.readiness.freshness import is_of_sandbox, is_overdue, was_good
from golive.readiness.models import Check, CheckChange
from golive.readiness.remedies import CALLBACK_IS_ENTERED, Remedy, remedy_of
from golive.readiness.texts import (
    EVIDENCE,
    meaning_of,
    overdue_text,
    problem_text,
    state_in_history,
    state_text,
    step_text,
    title_of,
)
from partners.display import copyable, moment, pill
from partners.models import MetaApp

TONES: dict[str, str] = {Check.State.GREEN: "good", Check.State.RED: "bad", Check.State.UNKNOWN: "plain"}
MOST_CHANGES = 10


@dataclass(frozen=True)
class ShownChange:
    """One line of a check's history."""

    at: str
    before: SafeString
    after: SafeString
    step: str
    evidence: list[tuple[str, Any]]


@dataclass(frozen=True)
class ShownCheck:
    """One check: `when` says since when it stands so, and when it was seen last."""

    name: str
    title: str
    meaning: str
    pill: SafeString
    checked_at: str
    since: str
    evidence: list[tuple[str, Any]]
    step: str
    remedy: Remedy | None
    callback: SafeString | str
    problem: str
    overdue: str
    changes: list[ShownChange]


@dataclass(frozen=True)
class ShownMenu:
    """Whether somebody has confirmed one vertical's menu."""

    label: str
    pill: SafeString
    is_good: bool
    reason: str
    confirmed_at: str
    confirmed_by: str
    picture: str
    url: str


def checks_shown(app: MetaApp, checks: Iterable[Check]) -> list[ShownCheck]:
    """Every check with its history; call it inside a door."""
    rows = list(checks)
    histories = _histories(rows)
    return [_check(app, each, histories.get(each.pk, [])) for each in rows]


def menu_shown(standing: MenuStanding) -> ShownMenu:
    """One vertical's menu."""
    state, newest = standing.state, standing.newest
    return ShownMenu(
        label=vertical_label(state.vertical),
        pill=pill(_("confirmed"), "good") if state.is_green else pill(_("to do"), "bad"),
        is_good=state.is_green,
        reason=str(Reason(state.reason).label) if state.reason else "",
        confirmed_at=moment(state.confirmed_at) if state.confirmed_at else "",
        confirmed_by=state.confirmed_by,
        picture=reverse("golive-menu-picture", args=[newest.pk]) if newest else "",
        url=state.url,
    )


def check_pill(check: Check) -> SafeString:
    """How a check stands, in colour; not in green where it was good too long ago, or is for the sandbox alone."""
    return pill(state_text(check), "warning" if was_good(check) or is_of_sandbox(check) else TONES[check.state])


def evidence_shown(evidence: dict[str, Any]) -> list[tuple[str, Any]]:
    """Labels and values, with times in the reader's zone."""
    # The database keeps the names in an order of its own.
    names = [*(name for name in EVIDENCE if name in evidence), *(name for name in evidence if name not in EVIDENCE)]
    return [(str(EVIDENCE.get(name, name)), _value(name, evidence[name])) for name in names]


def _check(app: MetaApp, row: Check, changes: Sequence[CheckChange]) -> ShownCheck:
    enters_callback = row.step in CALLBACK_IS_ENTERED
    return ShownCheck(
        name="-".join(filter(None, (row.key, row.subject))),
        title=title_of(row.key, row.subject),
        meaning=meaning_of(row),
        pill=check_pill(row),
        checked_at=moment(row.checked_at) if row.checked_at else "",
        since=moment(row.since) if row.checked_at else "",
        evidence=evidence_shown(row.evidence),
        step=step_text(row.step),
        remedy=remedy_of(app, row.step),
        callback=copyable(callback_url(app), _("webhook callback URL")) if enters_callback else "",
        problem=problem_text(row.problem),
        overdue=overdue_text(row) if is_overdue(row) else "",
        changes=[_change(each) for each in changes],
    )


def _change(row: CheckChange) -> ShownChange:
    return ShownChange(
        at=moment(row.changed_at),
        before=_state_pill(row.before),
        after=_state_pill(row.after),
        step=step_text(row.step),
        evidence=evidence_shown(row.evidence),
    )


def _state_pill(state: str) -> SafeString:
    return pill(state_in_history(state), TONES[state])


def _histories(rows: Sequence[Check]) -> dict[int, list[CheckChange]]:
    """The newest changes of each check."""
    kept = [each for each in rows if each.pk is not None]
    return {each.pk: list(each.changes.order_by("-pk")[:MOST_CHANGES]) for each in kept}


def _value(name: str, value: Any) -> Any:
    if name.endswith("_at") and isinstance(value, str):
        return moment(datetime.fromisoformat(value))
    if name.endswith("_on") and isinstance(value, str):
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    if name == "delivery":
        return format_html('<a href="{}">{}</a>', reverse("admin:webhooks_delivery_change", args=[value]), value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else value
