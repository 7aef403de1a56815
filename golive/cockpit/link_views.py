"""Launch links for many businesses: asked for, made, and shown or downloaded once."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from golive.cockpit.counting import Group
from golive.cockpit.links import MOST_LINKS, Made, as_csv, chosen, make_links, without_link
from golive.pages import meta_app_of, page
from partners.audit.recording import By
from partners.models import MetaApp


@require_POST
def links(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Make links for those chosen, or for all who have none, after asking; the answer is the only one that has them."""
    app, is_all = meta_app_of(request, meta_app_id), "all" in request.POST
    rows = without_link(app) if is_all else chosen(app, request.POST.getlist("chosen"))
    found = list(rows[:MOST_LINKS])
    if not found:
        messages.warning(request, _("There is no business to make a launch link for."))
        return redirect("golive-cockpit-businesses", app.pk, Group.RECONNECT.value)
    if request.POST.get("sure") not in ("page", "csv"):
        context = {"title": _("Make launch links"), "app": app, "is_all": is_all, "count": len(found)}
        numbers = [] if is_all else [each.pk for each in found]
        return page(request, "cockpit_ask.html", {**context, "chosen": numbers, "left": rows.count() - len(found)})
    made = make_links(app, found, cast(User, request.user), By.request(request))
    answer = _file(app, made) if request.POST["sure"] == "csv" else _shown(request, app, made)
    answer["Cache-Control"] = "no-store"
    return answer


def _shown(request: HttpRequest, app: MetaApp, made: list[Made]) -> HttpResponse:
    return page(request, "cockpit_links.html", {"title": _("Launch links"), "app": app, "made": made})


def _file(app: MetaApp, made: list[Made]) -> HttpResponse:
    name = f"launch-links-{app.app_id}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(as_csv(made), content_type="text/csv; charset=utf-8", headers=headers)
