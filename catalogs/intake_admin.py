"""Intakes in the admin: products handed over, how far they are taken, which rows were not and why."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalogs.forms import UploadForm
from catalogs.intakes import fill, new_intake
from catalogs.models import Format, Intake, RejectedRow
from catalogs.rejected import rejected_csv
from catalogs.wording import problem_text, reasons_text
from features.finding import found_businesses
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.changelist import PartnerFilter
from partners.display import NOTHING, page_link, pill
from partners.object_tools import Button
from partners.tenant_admin import TenantAdmin
from partners.viewing import viewer

MOST_ROWS_SHOWN = 100
State = Intake.State
TONES: dict[str, str] = {State.DONE: "good", State.FAILED: "bad"}


class IntakeAdmin(TenantAdmin):
    """Every arrival of products; a new one is an upload."""

    form = UploadForm
    can_change = False
    added_action = Action.UPLOADED
    change_form_template = "admin/portal/intake.html"
    list_display = ("arrived_at", "business", "state_shown", "origin", "taken", "changed", "rejected", "removed")
    list_select_related = ("business",)
    list_filter = (PartnerFilter,)
    search_fields = ("business__external_business_id",)
    search_help_text = _("The beginning of a business's name or external business id.")
    autocomplete_fields = ("business",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names."""
        return super().get_queryset(request).select_related("business", "asked_by")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the file, show what came of it."""
        if obj is None:
            return ((None, {"fields": ("business", "file", "format_chosen", "is_whole")}),)
        about = ("state_shown", "business_link", "origin", "name", "format", "set_shown", "asker", "arrived_at")
        counts = ("taken", "changed", "rejected", "removed", "ignored_shown")
        return (
            (None, {"fields": (*about, "finished_at")}),
            (_("Rows"), {"fields": counts}),
            (_("Rejected rows"), {"fields": ("rejected_rows",)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Let nothing of an intake change."""
        return (
            tuple(name for _title, part in self.get_fieldsets(request, obj) for name in part["fields"]) if obj else ()
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[Any]:
        """Tell the form what became of the file on its way."""
        form = super().get_form(request, obj, change, **kwargs)
        form.has_too_large_file = getattr(request, "has_too_large_file", False)
        return form

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find the intakes of a business."""
        return Q(business__in=found_businesses(viewer(request), term))

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the rejected rows."""
        view = self.admin_site.admin_view(self.rejected_view)
        return [path("<path:object_id>/rejected/", view, name="catalogs_intake_rejected"), *super().get_urls()]

    def links(self, row: Intake) -> list[Button]:
        """Lead to the rejected rows and to the products."""
        products = reverse("admin:catalogs_product_changelist") + f"?business={row.business_id}"
        rejected = reverse("admin:catalogs_intake_rejected", args=[quote(row.pk)])
        download = [Button(_("Download rejected rows"), rejected)] if row.rejected else []
        return [*download, Button(_("Products"), products)]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer one way to save: the next page shows how far it is."""
        one_way = {"show_save_and_add_another": False, "show_save_and_continue": False, "title": _("Upload products")}
        return super().add_view(request, form_url, {**(extra_context or {}), **one_way})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep the file for a worker."""
        given = form.cleaned_data
        intake = new_intake(
            obj.business,
            Intake.Origin.UPLOAD,
            Format(given["format"]),
            name=given["file"].name,
            is_whole=given["is_whole"],
            asked_by=cast(User, request.user),
        )
        fill(intake, given["file"].chunks())
        obj.pk, obj.partner_id, obj.arrived_at = intake.pk, intake.partner_id, intake.arrived_at

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Lead to the page that shows how far it is."""
        return HttpResponseRedirect(self.address_of(obj))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Say how far it is, and what is wrong."""
        intake = kwargs.get("obj") or context.get("original")
        if intake is not None:
            context["problem"] = problem_text(intake.problem)
            context["is_finished"] = intake.state in (State.DONE, State.FAILED)
        return super().render_change_form(request, context, *args, **kwargs)

    def rejected_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the rejected rows as CSV, after the transaction of this request, portion by portion."""
        intake = self.get_object(request, object_id)
        if intake is None or not self.has_view_permission(request, intake):
            raise Http404
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        record(Action.DOWNLOADED, intake, by=By.request(request))
        name = f"rejected-rows-{intake.pk}.csv"
        return StreamingHttpResponse(
            rejected_csv(intake.partner_id, intake.pk),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    @admin.display(description=_("state"))
    def state_shown(self, intake: Intake) -> SafeString:
        """Show how far it is; one that is done may have something to say, too."""
        tone = "warning" if intake.state == State.DONE and intake.problem else TONES.get(intake.state, "plain")
        return pill(intake.get_state_display(), tone)

    @admin.display(description=_("business"))
    def business_link(self, intake: Intake) -> SafeString | str:
        """Lead to the business."""
        return page_link(intake.business)

    @admin.display(description=_("by"))
    def asker(self, intake: Intake) -> str:
        """Name the person; the account is not for every member to see."""
        return intake.asked_by.get_username() if intake.asked_by else NOTHING

    @admin.display(description=_("set"))
    def set_shown(self, intake: Intake) -> Any:
        """Say whether these are all products."""
        return _("all products") if intake.is_whole else _("some products")

    @admin.display(description=_("columns left out"))
    def ignored_shown(self, intake: Intake) -> str:
        """Name the columns that Meta's product item does not have."""
        return ", ".join(intake.ignored) or NOTHING

    @admin.display(description=_("rejected rows"))
    def rejected_rows(self, intake: Intake) -> SafeString:
        """Show the first ones."""
        found = RejectedRow.objects.filter(intake=intake).order_by("line")[:MOST_ROWS_SHOWN]
        rows = [{"line": each.line, "item_id": each.item_id, "reasons": reasons_text(each.reasons)} for each in found]
        context = {"rows": rows, "intake": intake, "are_cut": intake.rejected > len(rows)}
        return render_to_string("admin/portal/rejected_rows.html", context)
