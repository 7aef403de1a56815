"""The list of mixed businesses, with what Meta does not list of each, and a way to treat it as gone."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from features.implied.giving_up import give_up
from features.models import Feature
from golive.cockpit.counting import Group, in_group
from golive.cockpit.finding import found, term_of
from golive.cockpit.links import numbers_in
from golive.cockpit.mixed import said_of, unlisted, unlisted_by_business, unlisted_types
from golive.pages import meta_app_of, page
from partners.audit.recording import By
from partners.models import MetaApp, Role
from partners.viewing import viewer

ON_A_PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
def mixed(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """List the mixed businesses of an app; treat features that Meta does not list as gone, after a question."""
    app = meta_app_of(request, meta_app_id)
    if request.method == "POST":
        return _end(request, app)
    term = term_of(request)
    rows = in_group(found(app, term), Group.MIXED).select_related("business").order_by("-pk")
    listed = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("p"))
    features = unlisted_by_business(app, listed.object_list)
    context = {
        "title": _("%(app)s: %(group)s") % {"app": app, "group": Group.MIXED.label},
        "app": app,
        "term": term,
        "listed": listed,
        "shown": [(each, features.get(each.pk, [])) for each in listed],
        "types": unlisted_types(app),
        "may_end": viewer(request).may(Role.MANAGER),
    }
    return page(request, "cockpit_mixed.html", context)


def _end(request: HttpRequest, app: MetaApp) -> HttpResponse:
    rows = _meant(request, app)
    keys = list(rows.values_list("pk", flat=True))
    if not keys:
        messages.warning(request, _("Nothing was changed: choose a feature that still stands here."))
    elif "sure" not in request.POST or len(keys) > _asked(request, len(keys)):
        return page(request, "cockpit_mixed_ask.html", _question(request, app, rows, keys))
    else:
        count = give_up(app.partner_id, keys, By.request(request))
        text = ngettext("%(count)s feature is treated as gone.", "%(count)s features are treated as gone.", count)
        messages.success(request, text % {"count": count})
    return redirect("golive-cockpit-mixed", app.pk)


def _meant(request: HttpRequest, app: MetaApp) -> QuerySet[Feature]:
    """All of the type that is named, in an answer up to the last that was asked about; or else those chosen."""
    rows = unlisted(app).select_related("installation__business").order_by("pk")
    if feature_type := _feature_type(request):
        last = numbers_in([request.POST.get("last", "")])
        rows = rows.filter(feature_type=feature_type)
        return rows.filter(pk__lte=last[0]) if last else rows
    return rows.filter(pk__in=numbers_in(request.POST.getlist("chosen")))


def _asked(request: HttpRequest, count: int) -> int:
    """How many the question was about: of a type what the answer says (older ones may stand here since), else all."""
    return sum(numbers_in([request.POST.get("count", "")])) if _feature_type(request) else count


def _feature_type(request: HttpRequest) -> str:
    return request.POST.get("feature_type", "").replace("\0", "")


def _question(request: HttpRequest, app: MetaApp, rows: QuerySet[Feature], keys: Sequence[int]) -> dict[str, Any]:
    shown = rows[:ON_A_PAGE]
    return {
        "title": _("Treat as gone"),
        "app": app,
        "count": len(keys),
        "last": keys[-1],
        "is_again": "sure" in request.POST,
        "left": len(keys) - len(shown),
        "feature_type": _feature_type(request),
        "shown": [(each, said_of(each)) for each in shown],
        "chosen": [] if _feature_type(request) else request.POST.getlist("chosen"),
    }
