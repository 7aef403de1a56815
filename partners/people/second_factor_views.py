"""The pages of the second factor: set up, asked for, removed."""

from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe
from django_otp import login as remember_proof

from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.people import second_factor as factor
from partners.people.forms import CodeForm, PasswordForm
from partners.viewing import viewer


def second_factor(request: HttpRequest) -> HttpResponse:
    """Say whether there is a second factor, and begin to set one up (POST)."""
    user = _person(request)
    if request.method == "POST":
        factor.begin(user)
        return redirect("people:set_up")
    looks = viewer(request)
    is_required = bool(looks.partner and looks.partner.requires_second_factor and not looks.is_platform)
    context = {"has_one": factor.has_authenticator(user), "is_required": is_required, "looks": looks}
    return render(request, "people/second_factor.html", context)


def set_up(request: HttpRequest) -> HttpResponse:
    """Show the key, take the first code, and then show the recovery codes once."""
    pending = factor.pending(_person(request))
    if pending is None:
        return redirect("people:second_factor")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        proof, codes = factor.confirm(pending, form.cleaned_data["code"])
        if proof.is_right:
            remember_proof(request, proof.authenticator)
            _note(request, Action.SECOND_FACTOR_SET_UP)
            return render(request, "people/recovery_codes.html", {"codes": codes, "is_shown_once": True})
        form.add_error("code", _why_not(proof))
    context = {"form": form, "key": factor.key_for_people(pending)}
    return render(request, "people/set_up.html", context)


@require_safe
def qr_code(request: HttpRequest) -> HttpResponse:
    """Draw the key that waits for its first code; a confirmed one is never shown again."""
    pending = factor.pending(_person(request))
    if pending is None:
        raise Http404
    return HttpResponse(factor.qr_code(pending), content_type="image/svg+xml")


@sensitive_post_parameters()
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for a code after the password."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    authenticator = factor.authenticator_of(request.user)
    if authenticator is None or request.user.is_verified():  # type: ignore[attr-defined]  # made by django_otp
        return _onward(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        proof = factor.prove(authenticator, form.cleaned_data["code"])
        if proof.is_right:
            request.session.cycle_key()
            remember_proof(request, proof.authenticator)
            return _onward(request)
        form.add_error("code", _why_not(proof))
    return render(request, "people/verify.html", {"form": form, "next": _next(request)})


@sensitive_post_parameters()
def remove(request: HttpRequest) -> HttpResponse:
    """Take the own second factor away, after the password."""
    user = _person(request)
    if not factor.has_authenticator(user):
        return redirect("people:second_factor")
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        if authenticate(request, username=user.get_username(), password=password) == user:
            factor.remove(user)
            _note(request, Action.SECOND_FACTOR_REMOVED)
            messages.success(request, _("The second factor is removed."))
            return redirect("people:second_factor")
        form.add_error("password", _("This is not your password."))
    return render(request, "people/remove_second_factor.html", {"form": form})


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _note(request: HttpRequest, action: Action) -> None:
    partner = viewer(request).partner
    record(action, _person(request), by=By.request(request), partner_id=partner.pk if partner else None)


def _why_not(proof: factor.Proof) -> str:
    if proof.wait_until is None:
        return _("This code is not right, or was used before. Wait for the next one.")
    seconds = max(1, round((proof.wait_until - now()).total_seconds()))
    text = ngettext(
        "Too many wrong codes: wait %(count)d second.", "Too many wrong codes: wait %(count)d seconds.", seconds
    )
    return text % {"count": seconds}


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else resolve_url("admin:index")


def _onward(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(_next(request))
