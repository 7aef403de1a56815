"""A choice with a search that works without JavaScript, too: what is few is listed, of many one types the name.

What was typed never saves anything but the one row that has exactly this name; else the page comes back with what fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

MOST_LISTED = 200
MOST_FOUND = 50
LONGEST_TERM = 200
# The button that looks for a row has its field's name as value.
FIND = "_find"
# The end of the name of what is typed, and the code of the error that says what came of it.
SOUGHT = "-sought"


@dataclass(frozen=True)
class Sought:
    """What was typed to find a row, and what fits; `chosen` is selected meanwhile."""

    term: str
    is_only_asked: bool
    chosen: str
    rows: tuple[Model, ...] = ()
    is_sure: bool = False

    def said(self, kind: str) -> str:
        """Say what came of it; a row that somebody may not see is like one that is not there."""
        if not self.term:
            return _("Nothing is saved yet. Type something to find it by.")
        if not self.rows:
            return _("No %(kind)s is found by “%(term)s”.") % {"kind": kind, "term": self.term}
        if len(self.rows) == 1:
            return _("Found. Nothing is saved yet: see whether it is the right one, then save.")
        if len(self.rows) <= MOST_FOUND:
            return _("%(count)s are found. Nothing is saved yet: choose one, then save.") % {"count": len(self.rows)}
        return _("More than %(most)s are found. Choose one of these, or type more of it.") % {"most": MOST_FOUND}


@dataclass(frozen=True)
class Finder:
    """Finds rows of a kind as the list of its admin does; `names` are the fields that name one row."""

    model_admin: Any
    request: HttpRequest

    @property
    def kind(self) -> str:
        """What is found."""
        return str(self.model_admin.opts.verbose_name)

    @property
    def help_text(self) -> str:
        """By what rows are found."""
        return str(self.model_admin.search_help_text or "")

    def find(self, rows: QuerySet[Any] | None, sought: Sought) -> Sought:
        """Look among these rows; one that has exactly this name comes first, and is sure where it is the only one."""
        if not sought.term or rows is None:
            return sought
        fits = self.model_admin.get_search_results(self.request, rows, sought.term)[0].order_by("pk")
        names = [(f"{name}__iexact", sought.term) for name in self.model_admin.search_fields]
        named = list(fits.filter(Q(*names, _connector=Q.OR))[:MOST_FOUND])
        found = tuple(dict.fromkeys([*named, *fits[: MOST_FOUND + 1]]))[: MOST_FOUND + 1]
        only = named if len(named) == 1 else found
        chosen = str(only[0].pk) if len(only) == 1 else sought.chosen
        return replace(sought, rows=found, is_sure=len(named) == 1, chosen=chosen)


class OpenSelect(AutocompleteSelect):
    """An autocomplete with the rows in the page as well, where they are few; else with a place to type what to find.

    Nothing is chosen until somebody chooses. The search of the autocomplete takes the place of both.
    """

    def __init__(self, *args: Any, help_text: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help_text = help_text

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Take what was typed, where something was; else what was chosen, unless the button asks for more.

        The button is a form's first one, so that Enter in any field of it presses it.
        """
        chosen = super().value_from_datadict(data, files, name)
        typed = {key: _term(text) for key, text in data.items() if key.endswith(SOUGHT)}
        term = typed.get(name + SOUGHT, "")
        is_found_by_nothing = data.get(FIND) == name and not any(typed.values())
        return Sought(term, FIND in data, chosen or "") if term or is_found_by_nothing else chosen

    def format_value(self, value: Any) -> list[str]:
        """Leave out what is no number: Django asks the database for it all the same."""
        return [each for each in super().format_value(value) if not each or each.isdecimal()]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Add to what is chosen what fits, or else all where that is few."""
        sought = value if isinstance(value, Sought) else None
        context = super().get_context(name, sought.chosen if sought else value, attrs)
        options = context["widget"]["optgroups"][0][1]
        if self.is_required:
            options.insert(0, self.create_option(name, "", "", False, 0))
        few = self._few()
        rows = [*sought.rows[:MOST_FOUND]] if sought and sought.rows else few or []
        self._add(options, name, rows)
        context["widget"]["attrs"]["class"] += "" if len(options) > 1 else " has-no-choice"
        term = sought.term if sought and not sought.rows else ""
        about = {"kind": self.field.verbose_name, "help_text": self.help_text, "longest": LONGEST_TERM}
        names = {"name": name, "find": FIND, "sought": name + SOUGHT}
        return {**context, "search": {**about, **names, "term": term} if few is None else None}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Put beside it, where rows are many, the place to type."""
        context = self.get_context(name, value, attrs)
        select: SafeString = self._render(self.template_name, context, renderer)  # type: ignore[attr-defined]  # Django's
        return (
            select + render_to_string("admin/portal/find_row.html", context["search"]) if context["search"] else select
        )

    def _few(self) -> list[Model] | None:
        """All rows, in the order of their names; None where they are more than a page lists."""
        rows = list(self.choices.queryset.order_by("pk")[: MOST_LISTED + 1])
        return sorted(rows, key=lambda row: str(row).casefold()) if len(rows) <= MOST_LISTED else None

    def _add(self, options: list[Any], name: str, rows: Sequence[Model]) -> None:
        known = {str(each["value"]) for each in options}
        for row in rows:
            if str(row.pk) not in known:
                label = self.choices.field.label_from_instance(row)
                options.append(self.create_option(name, row.pk, label, False, len(options)))


def _term(text: str) -> str:
    # PostgreSQL takes no NUL in a text.
    return text.replace("\0", "").strip()[:LONGEST_TERM]


class OpenChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """Takes the number of a row, or what it is called."""

    def __init__(self, *args: Any, finder: Finder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.finder = finder

    def to_python(self, value: Any) -> Any:
        """Give the row; one that was typed only if it is sure, and saving was asked for."""
        if not isinstance(value, Sought):
            return super().to_python(value)
        found = self._found(value)
        if found.is_sure and not found.is_only_asked:
            return super().to_python(found.chosen)
        raise forms.ValidationError(found.said(self.finder.kind), code=SOUGHT)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Give the page what fits what was typed."""
        return self._found(data) if isinstance(data, Sought) else super().bound_data(data, initial)

    def _found(self, sought: Sought) -> Sought:
        return self.finder.find(self.queryset, sought)
