"""Showing entries of the audit log to people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.audit.models import Action, AuditEntry
from partners.audit.recording import REPLACED
from partners.display import facts, pill

TONES: dict[str, str] = {
    Action.ADDED: "good",
    Action.JOINED: "good",
    Action.REMOVED: "bad",
    Action.LINK_REVOKED: "bad",
    Action.DEACTIVATED: "bad",
    Action.SIGN_IN_REFUSED: "bad",
    Action.SECRET_REPLACED: "warning",
    Action.SECRET_RETIRED: "warning",
    Action.ROLE_CHANGED: "warning",
    Action.SECOND_FACTOR_REMOVED: "warning",
}
SECRETS = {
    "secret": gettext_lazy("App secret"),
    "previous_secret": gettext_lazy("Previous app secret"),
    "verify_token": gettext_lazy("Verify token"),
    "password": gettext_lazy("Password"),
}
# Fields of forms that are no model's.
ASKED = {
    "first_day": gettext_lazy("First day"),
    "last_day": gettext_lazy("Last day"),
}


@dataclass(frozen=True)
class ShownChange:
    """One field of an entry: its name in the reader's words, and its values; of a list what went and what came.

    A secret has no values.
    """

    name: str
    before: Any
    after: Any
    is_secret: bool
    is_emptied: bool


@dataclass(frozen=True)
class Shown:
    """An entry with what its line shows."""

    entry: AuditEntry
    pill: SafeString
    changes: Sequence[ShownChange]


def shown(entry: AuditEntry) -> Shown:
    """An entry as its object's history shows it."""
    return Shown(entry, action_pill(entry), shown_changes(entry))


def action_pill(entry: AuditEntry) -> SafeString:
    """What was done."""
    return pill(entry.get_action_display(), TONES.get(entry.action, "plain"))


def kind_of(entry: AuditEntry) -> str:
    """The kind of the object, in the reader's words."""
    try:
        return str(apps.get_model(entry.object_type)._meta.verbose_name)
    except (LookupError, ValueError):  # A kind that there is no longer.
        return entry.object_type


def shown_changes(entry: AuditEntry) -> list[ShownChange]:
    """The changes of an entry, as people read them."""
    return [_shown_change(_field_name(entry, name), *pair) for name, pair in entry.changes.items()]


def changes_section(entry: AuditEntry) -> SafeString:
    """The changes, each with what was and what is since."""
    return render_to_string("admin/portal/audit_changes.html", {"changes": shown_changes(entry)})


def _shown_change(name: str, before: Any, after: Any) -> ShownChange:
    gone, come = before, after
    if isinstance(before, list) and isinstance(after, list):
        gone, come = [each for each in before if each not in after], [each for each in after if each not in before]
    is_emptied = bool(_value(before)) and not _value(after)
    return ShownChange(name, _value(gone), _value(come), [before, after] == REPLACED, is_emptied)


def _field_name(entry: AuditEntry, name: str) -> str:
    try:
        field = apps.get_model(entry.object_type)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return str(SECRETS.get(name) or ASKED.get(name) or capfirst(name.replace("_", " ")))
    return str(capfirst(getattr(field, "verbose_name", name)))


def _value(value: Any) -> Any:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, dict):
        return facts(value)
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
