"""What the admin writes into the audit log, in the place of Django's own log, and the history that it shows from it."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from partners.audit.differences import NO_ROW, has_replaced, snapshot, submitted, submitted_rows
from partners.audit.models import Action, AuditEntry
from partners.audit.recording import By, Changes, partner_id_of, record, record_all
from partners.audit.showing import shown
from partners.viewing import viewer

MOST_IN_A_HISTORY = 100
ROW_ACTIONS = {"added": Action.ADDED, "changed": Action.CHANGED, "removed": Action.REMOVED}


def record_in_admin(request: HttpRequest, action: Action, rows: Iterable[Model]) -> None:
    """Record that somebody did this to these rows, by a button or an action of the admin."""
    record_all(action, rows, by=By.request(request))


class AuditedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """Records what its forms add, change and remove; nothing where a form leaves all as it was."""

    added_action: ClassVar[Action] = Action.ADDED
    replaced_action: ClassVar[Action] = Action.SECRET_REPLACED

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Iterable[Any] | None, add: bool = False
    ) -> Any:
        """Give what the form has changed; the rows of its formsets have entries of their own."""
        for formset in formsets or ():
            for what, row, changes in submitted_rows(formset):
                self._record(request, ROW_ACTIONS[what], row, changes)
        return submitted(form, is_new=add)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Record a new row, with what the form gave it."""
        self._record(request, self.added_action, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Record what the form has changed, if anything."""
        if message:
            action = self.replaced_action if has_replaced(message) else Action.CHANGED
            self._record(request, action, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> Any:
        """Record what is about to be removed, as it was."""
        for row in queryset:
            self._record(request, Action.REMOVED, row, snapshot(row).until(NO_ROW))

    def _record(self, request: HttpRequest, action: Action, row: Model, changes: Changes) -> None:
        in_view = viewer(request).partner
        # What belongs to no partner (a person) is in the log of the partner in view, if there is one.
        partner_id = partner_id_of(row) or (in_view.pk if in_view else None)
        record(action, row, by=By.request(request), changes=changes, partner_id=partner_id)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the newest entries about the object."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        entries = list(entries_of(request, row)[: MOST_IN_A_HISTORY + 1])
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(object)s") % {"object": row},
            "entries": [shown(each) for each in entries[:MOST_IN_A_HISTORY]],
            "are_cut": len(entries) > MOST_IN_A_HISTORY,
            "object": row,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/portal/history.html", context)


def entries_of(request: HttpRequest, row: Model) -> QuerySet[AuditEntry]:
    """The entries about an object in the log of the partner in view, newest first."""
    entries = AuditEntry.objects.filter(object_id=str(row.pk), object_type=row._meta.label_lower).order_by("-pk")
    in_view = viewer(request).partner
    return entries.filter(partner=in_view) if in_view else entries
