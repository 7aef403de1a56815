"""Launch links for many businesses: asked for, made once for each form, and shown or downloaded."""

from collections.abc import Sequence
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from golive.cockpit.counting import Group
from golive.cockpit.link_file import as_csv
from golive.cockpit.links import MOST_LINKS, Given, Order, chosen, make_links, numbers_in, with_unopened, without_link
from golive.cockpit.ways_back import Way, closed_ways
from golive.pages import meta_app_of, page
from onboarding.models import new_token
from partners.audit.recording import By
from partners.leading_back import lead_back
from partners.models import MetaApp


class _AnswerForm(forms.Form):
    """The answer to the question, which question it was, and the entry point that is wanted where it fits."""

    sure = forms.ChoiceField(choices=[("page", "page"), ("csv", "csv")])
    form = forms.CharField(min_length=len(new_token()), max_length=len(new_token()))
    entry_point = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Ask about those chosen, or about all who have no link; with an answer, make the links and give them."""
    app = meta_app_of(request, meta_app_id)
    where = ("golive-cockpit-businesses", app.pk, Group.RECONNECT.value)
    if request.method != "POST":
        return lead_back(request, *where)
    is_all = "all" in request.POST
    ways = without_link(app) if is_all else chosen(app, numbers_in(request.POST.getlist("chosen")))
    if not ways:
        messages.warning(request, _("There is no business to make a launch link for."))
        return redirect(*where)
    form = _AnswerForm(request.POST)
    return _asked(request, app, ways) if is_all or not form.is_valid() else _made(request, app, ways, form)


def _asked(request: HttpRequest, app: MetaApp, ways: Sequence[Way]) -> HttpResponse:
    open_ways, closed = _parted(ways)
    found = open_ways[:MOST_LINKS]
    before = with_unopened(app, found)
    named = {each.installation.pk for each in before}
    fresh = [each for each in found if each.installation.pk not in named]
    context = {
        "title": _("Make launch links"),
        "app": app,
        "chosen": [each.installation.pk for each in (*open_ways, *closed)[:MOST_LINKS]],
        "left": len(open_ways) - len(found),
        "count": len(fresh),
        "fresh": fresh,
        "before": before,
        "ends": ",".join(str(each.link.pk) for each in before),
        "form": new_token(),
        "entry_points": {each.pk: each for way in found for each in way.buttons.fitting}.values(),
        "closed": closed_ways(closed),
        "closed_count": len(closed),
        "not_in_file": len(closed) - min(len(closed), MOST_LINKS - len(found)),
        "most": MOST_LINKS,
    }
    return page(request, "cockpit_ask.html", context)


def _made(request: HttpRequest, app: MetaApp, ways: Sequence[Way], form: _AnswerForm) -> HttpResponse:
    open_ways, closed = _parted(ways)
    told, ends = form.cleaned_data, numbers_in(request.POST.get("ends", "").split(","))
    order = Order(told["form"], cast(User, request.user), ends, told["entry_point"])
    given = make_links(app, open_ways[:MOST_LINKS], order, By.request(request))
    is_file = told["sure"] == "csv" and any(each.address for each in given)
    answer = _file(app, given, closed) if is_file else _shown(request, app, given, closed)
    answer["Cache-Control"] = "no-store"
    return answer


def _parted(ways: Sequence[Way]) -> tuple[list[Way], list[Way]]:
    """Those through which a business can come back, and those through which none can."""
    return [each for each in ways if each.closed is None], [each for each in ways if each.closed is not None]


def _shown(request: HttpRequest, app: MetaApp, given: Sequence[Given], closed: Sequence[Way]) -> HttpResponse:
    context = {
        "title": _("Launch links"),
        "app": app,
        "made": [each for each in given if each.address],
        "before": [each for each in given if not each.address],
        "closed": closed_ways(closed),
        "closed_count": len(closed),
        "is_shown_once": True,
    }
    return page(request, "cockpit_links.html", context)


def _file(app: MetaApp, given: Sequence[Given], closed: Sequence[Way]) -> HttpResponse:
    name = f"launch-links-{app.app_id}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(as_csv(given, closed), content_type="text/csv; charset=utf-8", headers=headers)
