"""How the admin shows things: pills, definition lists, texts to copy, links between pages."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

NOTHING = "–"  # noqa: RUF001  # the dash of an empty cell


def pill(text: object, tone: str = "plain") -> SafeString:
    """A short word in colour: `good`, `warning`, `bad`, `plain`."""
    return format_html('<span class="pill pill-{}">{}</span>', tone, text)


def facts(values: Mapping[str, Any]) -> SafeString:
    """A JSON object as a definition list, its keys in Meta's words."""
    if not values:
        return format_html('<span class="quiet">{}</span>', _("none"))
    rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", ((key, _value(value)) for key, value in values.items()))
    return format_html('<dl class="facts">{}</dl>', rows)


def copyable(text: str, label: str) -> SafeString:
    """A text in a field of its own that is easily copied; `label` names it for those who do not see it."""
    field = '<input class="copyable" type="text" readonly value="{}" aria-label="{}" data-copy="{}" data-copied="{}">'
    return format_html(field, text, label, _("Copy"), _("Copied"))


def two_lines(first: object, second: object) -> SafeString:
    """A cell with something small below."""
    return format_html('{}<span class="below">{}</span>', first, second)


def page_link(row: Model | None, text: object = "") -> SafeString | str:
    """A link to a row's page in the admin."""
    if row is None:
        return NOTHING
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[quote(row.pk)])
    return format_html('<a href="{}">{}</a>', url, text or row)


def moment(value: Any) -> str:
    """A time in the reader's zone and way of writing."""
    return date_format(localtime(value), "DATETIME_FORMAT") if value else NOTHING


def _value(value: Any) -> SafeString | str:
    if isinstance(value, Mapping):
        return facts(value)
    if isinstance(value, list):
        return format_html_join("", '<div class="facts-item">{}</div>', ((_value(each),) for each in value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return NOTHING if value is None else str(value)
