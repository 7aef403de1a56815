"""The pages of imports: hand over a file, see how far it is, stop and resume it, take the rejected rows back."""

from typing import TypeVar, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from golive.migration.arriving import fill, new_import
from golive.migration.forms import ImportForm
from golive.migration.models import Import, ImportRow
from golive.migration.rejected import rejected_csv
from golive.migration.taking import resume, stop
from golive.migration.wording import reasons_text, state_text
from golive.pages import meta_app_of, page
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.display import pill
from partners.gate import visible
from partners.models import MetaApp, Role
from partners.tenancy import tenant
from partners.viewing import viewer

Row = TypeVar("Row", bound=Model)
MOST_SHOWN = 100
_TONES: dict[str, str] = {Import.State.DONE: "good", Import.State.FAILED: "bad", Import.State.STOPPED: "warning"}


def imports(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Show the imports of a Meta app; take a file."""
    app = meta_app_of(request, meta_app_id)
    is_cut = getattr(request, "has_too_large_file", False)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ImportForm(*given, has_too_large_file=is_cut)
    if form.is_bound and form.is_valid():
        return redirect("golive-import", _handed_over(request, app, form).pk)
    with tenant(app.partner_id):
        runs = _listed(request, Import.objects.filter(meta_app=app).select_related("meta_app").order_by("-pk"))
    context = {
        "title": _("Import from v2"),
        "app": app,
        "form": form,
        "listed": runs,
        "runs": [(each, _state(each), state_text(each)) for each in runs],
        "may_import": viewer(request).may(Role.MANAGER),
    }
    return page(request, "imports.html", context, status=400 if form.errors else 200)


def one_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show how far an import is, and what there is to say about its rows; stop or resume it."""
    run = _import_of(request, import_id)
    if request.method == "POST":
        _turn(request, run)
        return redirect("golive-import", run.pk)
    with tenant(run.partner_id):
        rows = _listed(request, ImportRow.objects.filter(run=run).exclude(reasons=[]).order_by("line"))
    context = {
        "title": str(run),
        "run": run,
        "state": _state(run),
        "problem": state_text(run),
        "percent": 100 * run.bytes_read // run.size if run.size else 0,
        "listed": rows,
        "rows": [(each, reasons_text(each.reasons)) for each in rows],
        "may_stop": run.state in (Import.State.WAITING, Import.State.READING),
        "may_resume": run.state == Import.State.STOPPED,
        "may_turn": viewer(request).may(Role.MANAGER),
    }
    return page(request, "import.html", context)


@require_safe
def rejected(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """Send the rejected rows as CSV, without their tokens, portion by portion after the transaction of this request."""
    run = _import_of(request, import_id)
    record(Action.DOWNLOADED, run, by=By.request(request))
    name = f"rejected-rows-{run.pk}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(rejected_csv(run), content_type="text/csv; charset=utf-8", headers=headers)


def _listed(request: HttpRequest, rows: QuerySet[Row]) -> Page[Row]:
    """The page of rows that is asked for, read here: a page is rendered outside of every door."""
    listed = Paginator(rows, MOST_SHOWN).get_page(request.GET.get("p"))
    listed.object_list = list(listed.object_list)
    return listed


def _handed_over(request: HttpRequest, app: MetaApp, form: ImportForm) -> Import:
    given = form.cleaned_data
    run = new_import(
        app,
        given["format"],
        name=given["file"].name,
        is_dry_run=given["is_dry_run"],
        asked_by=cast(User, request.user),
    )
    record(Action.ADDED, run, by=By.request(request))
    fill(run, given["file"].chunks())
    return run


def _turn(request: HttpRequest, run: Import) -> None:
    if "stop" in request.POST and stop(run):
        record(Action.STOPPED, run, by=By.request(request))
        messages.success(request, _("The import is stopped."))
    elif "resume" in request.POST and resume(run):
        record(Action.CHANGED, run, by=By.request(request))
        messages.success(request, _("The import goes on."))
    else:
        messages.warning(request, _("There is nothing to stop or resume."))


def _state(run: Import) -> str:
    return pill(run.get_state_display(), _TONES.get(run.state, "plain"))


def _import_of(request: HttpRequest, import_id: int) -> Import:
    rows = Import.objects.select_related("partner", "meta_app")
    run = visible(rows, viewer(request)).filter(pk=import_id).first()
    if run is None:
        raise Http404
    return run
