"""Exports of the audit log in the admin: asked for, watched, downloaded."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from partners.audit.export_form import AuditExportForm
from partners.audit.exporting import ask_for_export, file_of, unfinished
from partners.audit.models import Action, AuditExport
from partners.audit.recording import By, record
from partners.changelist import PartnerFilter
from partners.display import NOTHING, pill
from partners.models import Role
from partners.object_tools import Button
from partners.tenant_admin import TenantAdmin
from partners.viewing import viewer

TONES: dict[str, str] = {AuditExport.Status.READY: "good", AuditExport.Status.FAILED: "bad"}


class AuditExportAdmin(TenantAdmin):
    """Files of the audit log, each kept for seven days; for owners."""

    view_role = change_role = Role.OWNER
    can_change = False
    added_action = Action.EXPORTED
    form = AuditExportForm
    change_form_template = "admin/portal/audit_export.html"
    list_display = ("asked_at", "period", "status_shown", "rows", "asker")
    list_select_related = ("asked_by",)
    list_filter = (PartnerFilter,)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names."""
        return super().get_queryset(request).select_related("asked_by")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Ask for the period, show what came of it."""
        shown = ("status_shown", "period", "rows", "asker", "asked_at", "finished_at")
        return shown if obj else ("first_day", "last_day")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Let nothing of an export change."""
        return self.get_fields(request, obj) if obj else ()

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find all: a week has few exports, and the list no search."""
        return Q()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Export the log of one partner: the one in view."""
        return super().has_add_permission(request) and viewer(request).partner is not None

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the file."""
        view = self.admin_site.admin_view(self.download_view)
        return [path("<path:object_id>/download/", view, name="audit_auditexport_download"), *super().get_urls()]

    def links(self, row: AuditExport) -> list[Button]:
        """Lead to the file once it is there."""
        address = reverse("admin:audit_auditexport_download", args=[quote(row.pk)])
        return [Button(_("Download"), address)] if row.status == AuditExport.Status.READY else []

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer one way to save; lead to the export that is being made, instead of making another beside it."""
        in_view = viewer(request).partner
        waiting = unfinished(in_view.pk).first() if in_view else None
        if waiting is not None:
            messages.info(request, _("This export is still being made; the next one can be asked for after it."))
            return HttpResponseRedirect(self.address_of(waiting))
        one_way = {"show_save_and_add_another": False, "show_save_and_continue": False, "title": _("Export as CSV")}
        return super().add_view(request, form_url, {**(extra_context or {}), **one_way})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Ask for the export."""
        in_view = viewer(request).partner
        if in_view is None:
            raise Http404
        made = ask_for_export(in_view.pk, cast(User, request.user), form.since, form.until)
        obj.pk, obj.partner_id, obj.since, obj.until = made.pk, made.partner_id, made.since, made.until

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Lead to the page that shows how far it is."""
        return HttpResponseRedirect(self.address_of(obj))

    def download_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the file, after the transaction of this request, part by part."""
        export = self.get_object(request, object_id)
        if export is None or not self.has_view_permission(request, export):
            raise Http404
        if export.status != AuditExport.Status.READY:
            return HttpResponseRedirect(self.address_of(export))
        record(Action.DOWNLOADED, export, by=By.request(request))
        name = f"audit-log-{export.first_day:%Y-%m-%d}-{export.last_day:%Y-%m-%d}.csv"
        return StreamingHttpResponse(
            file_of(export.partner_id, export.pk),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    @admin.display(description=_("period"))
    def period(self, export: AuditExport) -> str:
        """Name the first and the last day."""
        return str(export)

    @admin.display(description=_("asked for by"))
    def asker(self, export: AuditExport) -> str:
        """Name the person; the account is not for every owner to see."""
        return export.asked_by.get_username() if export.asked_by else NOTHING

    @admin.display(description=_("status"))
    def status_shown(self, export: AuditExport) -> SafeString:
        """Show how far it is."""
        return pill(export.get_status_display(), TONES.get(export.status, "plain"))
