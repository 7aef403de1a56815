"""A partner's test and live apps beside each other: what is configured, what is checked, and what differs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from golive.letter.gathering import AppFacts, Facts
from golive.menus.offers import Offer
from golive.menus.showing import feature_labels, vertical_label
from golive.readiness.checks.callback import callback_url
from golive.readiness.models import Check
from golive.readiness.showing import check_pill
from golive.readiness.standing import Standing, standing_of
from golive.readiness.texts import state_text, title_of
from mbe.catalog import FEATURE_TYPES, VERTICALS
from partners.display import NOTHING, moment, pill, two_lines


@dataclass(frozen=True)
class Row:
    """One line of the comparison, with a cell for each app."""

    label: str
    cells: tuple[Any, ...]
    differs: bool


@dataclass(frozen=True)
class Group:
    """Lines that belong together."""

    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Column:
    """One app with all that is compared."""

    facts: AppFacts
    standing: Standing

    @property
    def checks(self) -> dict[tuple[str, str], Check]:
        """The checks by what they are."""
        return {(each.key, each.subject): each for each in self.standing.checks}

    @property
    def offers(self) -> dict[str, Offer]:
        """The menus by vertical."""
        return {each.vertical: each for each in self.facts.offers}


def columns_of(facts: Facts) -> list[Column]:
    """The apps of the letter, test apps first; asks the database for each how it stands."""
    return [Column(each, standing_of(each.app)) for each in facts.apps]


def compare(columns: Sequence[Column]) -> list[Group]:
    """All lines, those in which the apps differ marked."""
    return [
        Group(_("Set up"), _settings(columns)),
        Group(_("Features offered"), _features(columns)),
        Group(_("Verticals, with the intents that entry points lead to"), _verticals(columns)),
        Group(_("Checks"), _checks(columns)),
        Group(_("Menus confirmed"), _menus(columns)),
    ]


def _row(label: str, columns: Sequence[Column], value: Callable[[Column], Any], show: Callable[[Any], Any]) -> Row:
    """A line whose values are compared before they are shown."""
    values = [value(each) for each in columns]
    return Row(label, tuple(show(each) for each in values), any(each != values[0] for each in values))


def _settings(columns: Sequence[Column]) -> list[Row]:
    """Addresses of ours have the app's id in them and so never are the same."""
    callbacks = tuple(callback_url(each.facts.app) for each in columns)
    auth_urls = tuple(settings.PUBLIC_URL + reverse("business-app", args=[each.facts.app.app_id]) for each in columns)
    return [
        _row(_("Sign-in page"), columns, lambda each: each.facts.app.sign_in_url, lambda url: url or NOTHING),
        Row(_("Callback"), callbacks, False),
        Row(_("Auth URL"), auth_urls, False),
    ]


def _features(columns: Sequence[Column]) -> list[Row]:
    offered = {name for each in columns for name in each.facts.app.features}
    names = [*(name for name in FEATURE_TYPES if name in offered), *sorted(offered - FEATURE_TYPES.keys())]
    labels = zip(names, feature_labels(names), strict=True)
    return [_feature(f"{label} ({name})", name, columns) for name, label in labels]


def _feature(label: str, name: str, columns: Sequence[Column]) -> Row:
    return _row(label, columns, lambda each: name in each.facts.app.features, lambda has: _("yes") if has else _("no"))


def _verticals(columns: Sequence[Column]) -> list[Row]:
    return [
        _row(vertical_label(name), columns, lambda each, name=name: _starts(each, name), _started)  # type: ignore[misc]  # bound now
        for name in VERTICALS
        if any(name in each.offers for each in columns)
    ]


def _starts(column: Column, vertical: str) -> tuple[str, ...] | None:
    offer = column.offers.get(vertical)
    return offer.starts if offer else None


def _started(starts: tuple[str, ...] | None) -> str:
    if starts is None:
        return _("no entry point")
    return ", ".join(each or _("whole menu") for each in starts)


def _checks(columns: Sequence[Column]) -> list[Row]:
    keys = dict.fromkeys(key for each in columns for key in each.checks)
    return [_check(key, columns) for key in keys]


def _check(key: tuple[str, str], columns: Sequence[Column]) -> Row:
    rows = [each.checks.get(key) for each in columns]
    states = {state_text(each) if each else "" for each in rows}
    return Row(title_of(*key), tuple(_stands(each) for each in rows), len(states) > 1)


def _stands(row: Check | None) -> Any:
    if row is None:
        return _("does not apply")
    shown = check_pill(row)
    return two_lines(shown, moment(row.checked_at)) if row.checked_at else shown


def _menus(columns: Sequence[Column]) -> list[Row]:
    found = [{menu.offer.vertical: menu.state for menu in each.standing.menus} for each in columns]
    rows = []
    for name in VERTICALS:
        states = [each.get(name) for each in found]
        if any(states):
            greens = {each.is_green if each else None for each in states}
            rows.append(Row(vertical_label(name), tuple(map(_confirmed, states)), len(greens) > 1))
    return rows


def _confirmed(state: Any) -> Any:
    if state is None:
        return _("no entry point")
    if not state.is_green:
        return pill(_("to do"), "bad")
    return two_lines(pill(_("confirmed"), "good"), f"{moment(state.confirmed_at)}, {state.confirmed_by}")
