"""The pages of readiness: every app in a line, one app with all its checks, and the button that has them made."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from golive.pages import meta_app_of, page
from golive.readiness.registry import applying
from golive.readiness.running import ask_for
from golive.readiness.showing import checks_shown, menu_shown
from golive.readiness.standing import Standing, standing_of
from golive.readiness.verdict import Verdict, verdict_of
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.gate import visible
from partners.models import MetaApp, Role
from partners.tenancy import tenant
from partners.viewing import viewer

ON_A_PAGE = 50
# After this the page no longer looks again by itself.
FOLLOWED_FOR = timedelta(minutes=2)


@require_safe
def apps(request: HttpRequest) -> HttpResponse:
    """List every Meta app in view with its verdict."""
    rows = visible(MetaApp.objects.select_related("partner"), viewer(request)).order_by("partner_id", "pk")
    listed = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("p"))
    shown = [(each, _verdict(each)) for each in listed]
    return page(request, "readiness_apps.html", {"title": _("Ready to go live?"), "listed": listed, "shown": shown})


@require_http_methods(["GET", "HEAD", "POST"])
def readiness(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Show every check of an app with its evidence and next step; POST has them made by the workers."""
    app = meta_app_of(request, meta_app_id)
    if request.method == "POST":
        _ask(request, app)
        return redirect("golive-readiness", app.pk)
    standing = standing_of(app)
    with tenant(app.partner_id):
        context = {
            "title": _("Readiness: %(app)s") % {"app": app},
            "app": app,
            "verdict": verdict_of(standing),
            "checks": checks_shown(app, standing.checks),
            "menus": [menu_shown(each) for each in standing.menus],
            "may_check": viewer(request).may(Role.MANAGER),
            **_progress(standing),
        }
    return page(request, "readiness.html", context)


def _verdict(app: MetaApp) -> Verdict:
    standing = standing_of(app)
    with tenant(app.partner_id):
        return verdict_of(standing)


def _ask(request: HttpRequest, app: MetaApp) -> None:
    with tenant(app.partner_id):
        ask_for(app, applying(app))
        record(Action.CHECKED, app, by=By.request(request))
    messages.success(request, _("The checks are asked for."))


def _progress(standing: Standing) -> dict[str, object]:
    """How many checks are made of those that were asked for, and whether to look again."""
    waiting = standing.being_made
    is_fresh = any(each.asked_at and each.asked_at > now() - FOLLOWED_FOR for each in waiting)
    total = len(standing.checks)
    return {"waiting": len(waiting), "made": total - len(waiting), "total": total, "is_followed": is_fresh}
