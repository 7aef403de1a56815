"""The rollout's page of an entry point."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from golive.pages import page
from golive.rollout.comparing import averages, lines, verdict
from golive.rollout.forms import ArmForm, PercentForm
from golive.rollout.funnel import funnel_of
from golive.rollout.turning import choose, turn
from onboarding.models import ArmOverride, EntryPoint
from partners.audit.recording import By
from partners.gate import visible
from partners.models import Role
from partners.tenancy import tenant
from partners.viewing import viewer

# Chosen arms are few; the page shows so many.
_MOST_CHOSEN = 100


def rollout(request: HttpRequest, entry_point_id: int) -> HttpResponse:
    """Show the funnel of both arms; take a percentage or the arm of one business.

    A percentage that was typed is asked about; to all and back are one click each, since one click undoes them.
    """
    rows = EntryPoint.objects.select_related("partner", "meta_app")
    entry_point = visible(rows, viewer(request)).filter(pk=entry_point_id).first()
    if entry_point is None:
        raise Http404
    percent = PercentForm(initial={"percent": entry_point.minimal_onboarding_percent})
    arm = ArmForm(entry_point, initial={"external_business_id": request.GET.get("business", "")})
    if request.method == "POST" and "arm" in request.POST:
        arm = ArmForm(entry_point, request.POST)
        if arm.is_valid():
            choose(entry_point, arm.business, arm.cleaned_data["arm"], By.request(request))
            messages.success(request, _("The arm of this business is set."))
            return redirect("golive-rollout", entry_point.pk)
    elif request.method == "POST":
        percent = PercentForm(request.POST)
        if percent.is_valid() and percent.cleaned_data["percent"] == entry_point.minimal_onboarding_percent:
            messages.info(request, _("The percentage is this one already."))
            return redirect("golive-rollout", entry_point.pk)
        if percent.is_valid() and "sure" not in request.POST:
            return _ask(request, entry_point, percent.cleaned_data["percent"])
        if percent.is_valid():
            turn(entry_point, percent.cleaned_data["percent"], By.request(request))
            messages.success(request, _("The rollout is turned."))
            return redirect("golive-rollout", entry_point.pk)
    return _show(request, entry_point, percent, arm)


def _ask(request: HttpRequest, entry_point: EntryPoint, percent: int) -> HttpResponse:
    context = {"title": _("Turn the rollout"), "entry_point": entry_point, "percent": percent}
    return page(request, "rollout_ask.html", context)


def _show(request: HttpRequest, entry_point: EntryPoint, percent: PercentForm, arm: ArmForm) -> HttpResponse:
    funnel = funnel_of(entry_point)
    with tenant(entry_point.partner_id):
        rows = ArmOverride.objects.filter(entry_point=entry_point).select_related("business")
        chosen = list(rows.order_by("pk")[:_MOST_CHOSEN])
    context = {
        "title": _("Rollout of the v3 menu"),
        "entry_point": entry_point,
        "funnel": funnel,
        "lines": lines(funnel),
        "averages": averages(funnel),
        "verdict": verdict(funnel),
        "chosen": chosen,
        "percent": percent,
        "arm": arm,
        "may_turn": viewer(request).may(Role.MANAGER),
    }
    return page(request, "rollout.html", context, status=400 if percent.errors or arm.errors else 200)
