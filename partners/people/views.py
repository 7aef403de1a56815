"""People's own pages: the partner in view, and a forgotten password."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST, require_safe

from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.encryption import UnknownKey, seal, unseal
from partners.models import Partner
from partners.people.forms import ForgottenForm
from partners.people.resets import ask, reset_tokens
from partners.people.throttling import machine_of, unlock
from partners.tenancy import platform
from partners.viewing import have_in_view, viewer

LONGEST_NUMBER = 18


@require_POST
def look_at(request: HttpRequest) -> HttpResponse:
    """Change the partner in view: one of the own; for platform staff any, or all."""
    chosen = request.POST.get("partner", "")
    if not chosen and viewer(request).is_platform:
        have_in_view(request, None)
    elif _is_number(chosen) and _may_look_at(request, int(chosen)):
        have_in_view(request, int(chosen))
    else:
        raise Http404
    return redirect("admin:index")


def reset_ask(request: HttpRequest) -> HttpResponse:
    """Take the address of somebody who forgot the password; the answer is the same for every address."""
    if not settings.SENDS_MAIL:
        raise Http404
    form = ForgottenForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/reset_ask.html", {"form": form})
    ask(form.cleaned_data["email"], machine_of(request) or "")
    return redirect("people:reset_asked")


@require_safe
def reset_asked(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way, if there is such an account."""
    return render(request, "people/reset_asked.html")


@require_safe
def reset_done(request: HttpRequest) -> HttpResponse:
    """Say that the new password counts."""
    return render(request, "people/reset_done.html")


class ResetLink(PasswordResetConfirmView):
    """Choose a new password with a link; Django moves its token from the address into the session at once.

    Sessions are stored signed, not encrypted: between requests the token stands there sealed.
    """

    template_name = "people/reset_link.html"
    token_generator = reset_tokens
    success_url = reverse_lazy("people:reset_done")
    reset_url_token = "new"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Tell nobody the address; only the form's own page may, or its browser could not send it."""
        _change_token(request, lambda token: unseal(token.encode()))
        try:
            response = super().dispatch(request, *args, **kwargs)
        finally:
            _change_token(request, lambda token: seal(token).decode())
        if kwargs.get("token") != self.reset_url_token:
            response["Referrer-Policy"] = "no-referrer"
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the new password, and end a pause of the account.

        The log of the person's partner (of several: the platform's) says who chose one.
        """
        response = super().form_valid(form)
        user: User = form.user
        unlock(user)
        with platform():
            partners = list(user.memberships.values_list("partner_id", flat=True)[:2])
        by = By.request(self.request, name=user.get_username())
        record(Action.PASSWORD_CHANGED, user, by=by, partner_id=partners[0] if len(partners) == 1 else None)
        return response


def _change_token(request: HttpRequest, change: Callable[[str], str]) -> None:
    token = request.session.pop(INTERNAL_RESET_SESSION_TOKEN, "")
    # One that no key opens any more is as good as none.
    with suppress(UnknownKey):
        if token:
            request.session[INTERNAL_RESET_SESSION_TOKEN] = change(token)


def _is_number(word: str) -> bool:
    return len(word) <= LONGEST_NUMBER and word.isascii() and word.isdecimal()


def _may_look_at(request: HttpRequest, partner_id: int) -> bool:
    looks = viewer(request)
    if not looks.is_platform:
        return partner_id in {each.pk for each in looks.choices}
    with platform():
        return Partner.objects.filter(pk=partner_id).exists()
