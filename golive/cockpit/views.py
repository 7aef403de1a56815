"""The cockpit: the numbers of every Meta app, of one, and the businesses behind a number."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from features.models import Installation
from features.remedies import remedy
from golive.cockpit.counting import End, Group, end_seen_from, in_group, numbers
from golive.cockpit.finding import found, term_of
from golive.cockpit.links import MOST_LINKS, usable_links
from golive.cockpit.parities import to_look_at
from golive.cockpit.ways_back import ways_back
from golive.pages import meta_app_of, page
from partners.display import pill
from partners.gate import visible
from partners.models import MetaApp, Role
from partners.viewing import viewer

ON_A_PAGE = 100


@require_safe
def apps(request: HttpRequest) -> HttpResponse:
    """Show every Meta app in view with its numbers."""
    counted = numbers(visible(Installation.objects.all(), viewer(request)))
    rows = visible(MetaApp.objects.select_related("partner"), viewer(request)).order_by("partner_id", "pk")
    shown = [{"app": each, "cells": _cells(each, counted.get(each.pk, {}))} for each in rows]
    context = {"title": _("From v2 to v3"), "apps": shown, "groups": Group, "end": _end()}
    return page(request, "cockpit_apps.html", context)


@require_safe
def cockpit(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Show one Meta app: its numbers, and when its Graph version ends."""
    app = meta_app_of(request, meta_app_id)
    counted = numbers(Installation.objects.filter(meta_app=app)).get(app.pk, {})
    title = _("From v2 to v3: %(app)s") % {"app": app}
    context = {"title": title, "app": app, "cells": _cells(app, counted), "end": _end()}
    return page(request, "cockpit.html", {**context, "differing": to_look_at(app).count()})


@require_safe
def businesses(request: HttpRequest, meta_app_id: int, group: str) -> HttpResponse:
    """List the businesses behind one number of a Meta app, and why each is there."""
    app = meta_app_of(request, meta_app_id)
    if group not in Group.values:
        raise Http404
    term = term_of(request)
    rows = in_group(found(app, term), Group(group)).select_related("business").order_by("-pk")
    listed = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("p"))
    is_lost = group == Group.RECONNECT
    on_page = list(listed)
    ways = {each.installation.pk: each for each in ways_back(app, on_page)} if is_lost else {}
    links = usable_links(app, ways.values())
    title = _("%(app)s: %(group)s") % {"app": app, "group": Group(group).label}
    may_make = is_lost and viewer(request).may(Role.MANAGER)
    context = {"title": title, "app": app, "listed": listed, "may_make": may_make, "most": MOST_LINKS, "term": term}
    shown = [(each, remedy(each), links.get(each.business_id), ways.get(each.pk)) for each in on_page]
    return page(request, "cockpit_businesses.html", {**context, "shown": shown})


def _cells(app: MetaApp, counts: dict[Group, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": group.label,
            "tone": group.tone,
            "count": counts.get(group, 0),
            "url": reverse("golive-cockpit-businesses", args=[app.pk, group.value]),
        }
        for group in Group
    ]


def _end() -> dict[str, Any]:
    end = end_seen_from(settings.META_GRAPH_VERSION, localdate())
    return {"version": end.version, "ends_on": end.ends_on, "pill": pill(_left(end), end.tone)}


def _left(end: End) -> str:
    if end.days is None:
        return _("no end is known")
    if end.days < 0:
        return ngettext("ended %(days)s day ago", "ended %(days)s days ago", -end.days) % {"days": -end.days}
    return ngettext("%(days)s day left", "%(days)s days left", end.days) % {"days": end.days}
