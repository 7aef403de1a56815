"""Launch links for many businesses: asked for, made once for each form, and shown or downloaded."""

from collections.abc import Sequence
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from features.models import Installation
from golive.cockpit.counting import Group
from golive.cockpit.link_file import as_csv
from golive.cockpit.links import MOST_LINKS, Given, Order, chosen, make_links, numbers_in, with_unopened, without_link
from golive.pages import meta_app_of, page
from onboarding.models import new_token
from partners.audit.recording import By
from partners.models import MetaApp


class _AnswerForm(forms.Form):
    """The answer to the question, and which question it was."""

    sure = forms.ChoiceField(choices=[("page", "page"), ("csv", "csv")])
    form = forms.CharField(min_length=len(new_token()), max_length=len(new_token()))


@require_POST
def links(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Ask about those chosen, or about all who have no link; with an answer, make the links and give them."""
    app = meta_app_of(request, meta_app_id)
    rows = without_link(app) if "all" in request.POST else chosen(app, numbers_in(request.POST.getlist("chosen")))
    found = list(rows[:MOST_LINKS])
    if not found:
        messages.warning(request, _("There is no business to make a launch link for."))
        return redirect("golive-cockpit-businesses", app.pk, Group.RECONNECT.value)
    form = _AnswerForm(request.POST)
    if not form.is_valid() or "all" in request.POST:
        return _asked(request, app, found, rows.count() - len(found))
    ends = numbers_in(request.POST.get("ends", "").split(","))
    order = Order(form.cleaned_data["form"], cast(User, request.user), ends)
    given = make_links(app, found, order, By.request(request))
    is_file = form.cleaned_data["sure"] == "csv" and any(each.address for each in given)
    answer = _file(app, given) if is_file else _shown(request, app, given)
    answer["Cache-Control"] = "no-store"
    return answer


def _asked(request: HttpRequest, app: MetaApp, found: Sequence[Installation], left: int) -> HttpResponse:
    before = with_unopened(found)
    named = {each.installation.pk for each in before}
    fresh = [each for each in found if each.pk not in named]
    context = {
        "title": _("Make launch links"),
        "app": app,
        "chosen": [each.pk for each in found],
        "left": left,
        "count": len(fresh),
        "fresh": fresh,
        "before": before,
        "ends": ",".join(str(each.link.pk) for each in before),
        "form": new_token(),
    }
    return page(request, "cockpit_ask.html", context)


def _shown(request: HttpRequest, app: MetaApp, given: Sequence[Given]) -> HttpResponse:
    context = {
        "title": _("Launch links"),
        "app": app,
        "made": [each for each in given if each.address],
        "before": [each for each in given if not each.address],
    }
    return page(request, "cockpit_links.html", context)


def _file(app: MetaApp, given: Sequence[Given]) -> HttpResponse:
    name = f"launch-links-{app.app_id}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(as_csv(given), content_type="text/csv; charset=utf-8", headers=headers)
