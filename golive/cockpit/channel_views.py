"""The page that suggests what entry points with a v2 channel could lead to."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from golive.cockpit.channels import UNDECIDED, WHOLE_MENU, turn, with_channel
from golive.pages import meta_app_of, page
from partners.audit.recording import By
from partners.models import MetaApp, Role
from partners.viewing import viewer


class _ChoiceForm(forms.Form):
    """Which entry point, what it led to where the form was shown, and what it shall lead to; empty is undecided."""

    entry_point = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    before = forms.CharField(max_length=64, required=False)
    after = forms.CharField(max_length=64, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Show the suggestions for an app; choose one for an entry point, change it, or take it back."""
    app = meta_app_of(request, meta_app_id)
    if request.method == "POST":
        _turn(request, app)
        return redirect("golive-cockpit-channels", app.pk)
    rows = with_channel(app)
    context = {
        "title": _("Intents for v2 channels"),
        "app": app,
        "open": [each for each in rows if each.chosen == UNDECIDED],
        "done": [each for each in rows if each.fits],
        "may_turn": viewer(request).may(Role.MANAGER),
    }
    return page(request, "cockpit_channels.html", context)


def _turn(request: HttpRequest, app: MetaApp) -> None:
    form = _ChoiceForm(request.POST)
    told = form.cleaned_data if form.is_valid() else None
    if told and turn(app, told["entry_point"], told["before"], told["after"], By.request(request)):
        texts = {UNDECIDED: _("The choice is taken back."), WHOLE_MENU: _("The entry point leads to the whole menu.")}
        messages.success(request, texts.get(told["after"], _("The intent is set.")))
        return
    text = _("Nothing was changed: the entry point has changed meanwhile, or its app does not offer this intent.")
    messages.warning(request, text)
