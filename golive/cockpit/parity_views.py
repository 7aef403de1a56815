"""The page of the differences between what v2 implied and what v3 lists."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from features.implied.models import Parity
from golive.cockpit.parities import differences, lines, look, to_look_at
from golive.pages import meta_app_of, page
from partners.audit.recording import By
from partners.models import MetaApp, Role
from partners.viewing import viewer

ON_A_PAGE = 50
_LONGEST_NUMBER = 18


@require_http_methods(["GET", "HEAD", "POST"])
def parities(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """List the differences of an app that nobody has looked at (`?all=1`: all); mark one as looked at, or not."""
    app = meta_app_of(request, meta_app_id)
    if request.method == "POST":
        _mark(request, app)
        return redirect(request.get_full_path())
    is_all = bool(request.GET.get("all"))
    rows = differences(app) if is_all else to_look_at(app)
    listed = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("p"))
    context = {
        "title": _("Differences between v2 and v3"),
        "app": app,
        "is_all": is_all,
        "listed": listed,
        "shown": [_shown(each) for each in listed],
        "may_mark": viewer(request).may(Role.MANAGER),
    }
    return page(request, "cockpit_parities.html", context)


def _shown(parity: Parity) -> dict[str, object]:
    kinds = (
        (_("Lost"), parity.lost),
        (_("Gained"), parity.gained),
        (_("The same"), parity.same),
    )
    return {
        "row": parity,
        "kinds": [(label, lines(features)) for label, features in kinds if features],
    }


def _mark(request: HttpRequest, app: MetaApp) -> None:
    given = request.POST.get("parity", "")
    number = int(given) if given.isascii() and given.isdecimal() and len(given) <= _LONGEST_NUMBER else 0
    is_looked_at = "undo" not in request.POST
    if not look(app, number, request.POST.get("digest", ""), is_looked_at, By.request(request)):
        messages.warning(
            request,
            _("Nothing was changed: it stands so already, differs by now, or is no longer there."),
        )
    else:
        messages.success(
            request,
            _("Marked as looked at.") if is_looked_at else _("The mark is taken back."),
        )
