"""Admins in whose forms everything can be chosen without JavaScript, and rows within them added."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from partners.open_choice import Finder, OpenChoiceField, OpenSelect

# The address's word for a page with the form of one more row.
ONE_MORE = "one_more"


class OpenChoices(BaseModelAdmin):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """Has a foreign key choose among the rows that its own admin shows, with scripts and without."""

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """Let a foreign key choose among the rows that its own admin shows."""
        return self.admin_site.get_model_admin(db_field.remote_field.model).get_queryset(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Have an autocomplete find rows also where there is no JavaScript, unless another way to choose is given."""
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            finder = Finder(self.admin_site.get_model_admin(db_field.remote_field.model), request)
            widget = OpenSelect(db_field, self.admin_site, using=kwargs.get("using"), help_text=finder.help_text)
            kwargs |= {"widget": widget, "form_class": OpenChoiceField, "finder": finder}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class OpenInline(OpenChoices, admin.TabularInline):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """Rows within a page; where no script adds the form of one more, a link brings it."""

    template = "admin/portal/rows.html"
    extra = 0

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Give the form of one more row to who followed the link."""
        return int(ONE_MORE in request.GET)
