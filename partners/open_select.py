"""A choice with a search that has its first choices in the page as well, for browsers without JavaScript."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

MOST_LISTED = 200


class OpenSelect(AutocompleteSelect):
    """An autocomplete of rows with a name; where they are more than the page lists, it says how to come to the others.

    Nothing is chosen until somebody chooses. The search of the autocomplete takes the place of the list.
    """

    # Set while the choices are listed, which is once for each form.
    is_cut = False

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        """Add to what is chosen the first rows by name."""
        groups: list[Any] = super().optgroups(name, value, attr)
        options = groups[0][1]
        if self.is_required:
            options.insert(0, self.create_option(name, "", "", False, 0))
        chosen = {str(each["value"]) for each in options}
        rows = list(self.choices.queryset.order_by("name", "pk")[: MOST_LISTED + 1])
        self.is_cut = len(rows) > MOST_LISTED
        for row in rows[:MOST_LISTED]:
            if str(row.pk) not in chosen:
                label = self.choices.field.label_from_instance(row)
                options.append(self.create_option(name, row.pk, label, False, len(options)))
        return groups

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Say beside it, where the list is cut, that looking at one partner shortens it."""
        select = super().render(name, value, attrs, renderer)
        if not self.is_cut:
            return select
        said = _("Only the first %(most)s are listed. For another one, look at one partner first:") % {
            "most": MOST_LISTED
        }
        partners = reverse(f"{self.admin_site.name}:partners_partner_changelist")
        return format_html(
            '{}<noscript><span class="quiet">{} <a href="{}">{}</a></span></noscript>',
            select,
            said,
            partners,
            _("Partners"),
        )
