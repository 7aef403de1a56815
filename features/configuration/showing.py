"""Configurations as tables that people read: a line for each setting, a column for each place that has values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from features.configuration.models import Push, Wanted
from features.configuration.observed import ENABLED
from mbe.customizing import SETTINGS, differences
from partners.display import NOTHING, pill

STATUS_TONES: dict[str, str] = {
    Wanted.Status.AS_WANTED: "good",
    Wanted.Status.UNPUSHED: "plain",
    Wanted.Status.PUSHING: "plain",
    Wanted.Status.DRIFT: "warning",
    Wanted.Status.REFUSED: "bad",
    Wanted.Status.DIFFERS: "warning",
}
STATE_TONES: dict[str, str] = {
    Push.State.CONFIRMED: "good",
    Push.State.REFUSED: "bad",
    Push.State.DIFFERS: "warning",
    Push.State.MOVED: "warning",
}


@dataclass(frozen=True)
class SettingRow:
    """One setting with its value in each column; `differs` where the columns that are compared disagree."""

    label: str
    cells: tuple[SafeString | str, ...]
    differs: bool


def status_pill(wanted: Wanted) -> SafeString:
    """How Meta's configuration compares with what is wanted."""
    return pill(wanted.get_status_display(), STATUS_TONES[wanted.status])


def push_pill(push: Push) -> SafeString:
    """How far a push is."""
    return pill(push.get_state_display(), STATE_TONES.get(push.state, "plain"))


def label_of(feature_type: str, name: str) -> str:
    """A setting in the reader's words; Meta's own word where it is not known."""
    if name == ENABLED:
        return _("Switched on")
    language = get_language() or "en"
    known = {each.name: each.label.in_language(language) for each in SETTINGS.get(feature_type, ())}
    return known.get(name, name)


def rows_of(feature_type: str, *columns: Mapping[str, Any], only_different: bool = False) -> list[SettingRow]:
    """The settings of all columns; the last two are compared with each other (the last one is what is wanted)."""
    differing = differences(columns[-1], columns[-2]) if len(columns) > 1 else {}
    return [
        SettingRow(label_of(feature_type, name), tuple(cell(each.get(name)) for each in columns), name in differing)
        for name in _names(feature_type, columns)
        if name in differing or not only_different
    ]


def cell(value: Any) -> SafeString | str:
    """A value as people read it."""
    if value is None or value in ("", []):
        return format_html('<span class="quiet">{}</span>', NOTHING)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return format_html_join("", '<div class="facts-item">{}</div>', ((each,) for each in value))
    return str(value)


def _names(feature_type: str, columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """The settings in the order of Meta's documentation, then what nobody knows."""
    known = [ENABLED, *(each.name for each in SETTINGS.get(feature_type, ()))]
    there = dict.fromkeys(name for column in columns for name in column)
    return [name for name in known if name in there] + sorted(name for name in there if name not in known)
