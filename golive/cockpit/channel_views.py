"""The page that suggests intents for entry points with a v2 channel."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from golive.cockpit.channels import accept, take_back, with_channel
from golive.pages import meta_app_of, page
from mbe.v2 import intents_for_channel
from onboarding.models import EntryPoint
from partners.audit.recording import By
from partners.models import MetaApp, Role
from partners.viewing import viewer


class _IntentForm(forms.Form):
    """Which entry point, which intent, and whether it is taken back."""

    entry_point = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    intent = forms.CharField(max_length=64)
    undo = forms.BooleanField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest, meta_app_id: int) -> HttpResponse:
    """Show the suggestions for an app; set the intent of one entry point, or take it back."""
    app = meta_app_of(request, meta_app_id)
    if request.method == "POST":
        _turn(request, app)
        return redirect("golive-cockpit-channels", app.pk)
    rows = with_channel(app)
    fits = [each for each in rows if each.entry_point.intent in _fitting(each.entry_point)]
    context = {
        "title": _("Intents for v2 channels"),
        "app": app,
        "open": [each for each in rows if not each.entry_point.intent],
        "done": fits,
        "may_turn": viewer(request).may(Role.MANAGER),
    }
    return page(request, "cockpit_channels.html", context)


def _fitting(entry_point: EntryPoint) -> tuple[str, ...]:
    return intents_for_channel(entry_point.vertical, entry_point.channel)


def _turn(request: HttpRequest, app: MetaApp) -> None:
    form = _IntentForm(request.POST)
    told = form.cleaned_data if form.is_valid() else None
    act = take_back if told and told["undo"] else accept
    if told and act(app, told["entry_point"], told["intent"], By.request(request)):
        messages.success(request, _("The intent is taken back.") if told["undo"] else _("The intent is set."))
        return
    text = _("Nothing was changed: the entry point has changed meanwhile, or its app does not offer this intent.")
    messages.warning(request, text)
