"""The page of the differences between what v2 implied and what v3 lists."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from features.implied.models import Parity
from golive.cockpit.links import numbers_in
from golive.cockpit.looking import alike, kind_of, look, look_at_alike, look_at_chosen
from golive.cockpit.parities import differences, lines, to_look_at
from golive.pages import meta_app_of, page
from partners.audit.recording import By
from partners.models import MetaApp, Role
from partners.viewing import viewer

ON_A_PAGE = 50
_BULK = ("chosen", "alike", "look")


@require_http_methods(["GET", "HEAD", "POST"])
def parities(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """List the differences of an app that nobody has looked at (`?all=1`: all); mark one as looked at, or not.

    Those chosen, and all that are alike, are marked after a question.
    """
    app = meta_app_of(request, meta_app_id)
    if request.method == "POST" and any(each in request.POST for each in _BULK):
        return _look_at_many(request, app)
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
    kinds = (*_differing(parity), (_("The same"), parity.same))
    return {
        "row": parity,
        "kind": kind_of(parity.gained, parity.lost),
        "kinds": [(label, lines(features)) for label, features in kinds if features],
    }


def _differing(parity: Parity) -> tuple[tuple[str, list[dict[str, Any]]], ...]:
    return (_("Lost"), parity.lost), (_("Gained"), parity.gained)


def _look_at_many(request: HttpRequest, app: MetaApp) -> HttpResponse:
    kind, chosen = request.POST.get("alike", ""), _chosen(request)
    keys = alike(app, kind) if kind else list(chosen)
    if keys and "sure" not in request.POST:
        return page(request, "cockpit_parities_ask.html", _question(app, keys, kind, chosen))
    by = By.request(request)
    count = look_at_alike(app, kind, by) if kind else look_at_chosen(app, chosen, by)
    if count:
        text = ngettext("%(count)s is marked as looked at.", "%(count)s are marked as looked at.", count)
        messages.success(request, text % {"count": count})
    if not keys:
        messages.warning(request, _("Nothing was marked: choose at least one that nobody has looked at."))
    elif count < len(keys):
        messages.warning(request, _("Not marked is what differs by now, or what somebody has looked at meanwhile."))
    return redirect(request.get_full_path())


def _chosen(request: HttpRequest) -> dict[int, str]:
    """The digest that was shown for each chosen comparison."""
    pairs = [each.partition("-") for each in request.POST.getlist("chosen")]
    return {key: digest for number, _dash, digest in pairs for key in numbers_in([number])}


def _question(app: MetaApp, keys: list[int], kind: str, chosen: dict[int, str]) -> dict[str, object]:
    rows = to_look_at(app).filter(pk__in=keys)
    shown, count = list(rows[:ON_A_PAGE]), rows.count()
    kinds = _differing(shown[0]) if kind and shown else ()
    return {
        "title": _("Looked at"),
        "app": app,
        "count": count,
        "left": count - len(shown),
        "kinds": [(label, lines(features)) for label, features in kinds if features],
        "kind": kind,
        "chosen": [f"{key}-{digest}" for key, digest in chosen.items()] if not kind else [],
        "shown": shown,
    }


def _mark(request: HttpRequest, app: MetaApp) -> None:
    number = next(iter(numbers_in([request.POST.get("parity", "")])), 0)
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
