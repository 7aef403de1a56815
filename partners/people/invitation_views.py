"""The pages of an invitation: no sign-in is needed to open one, and it is accepted once."""

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from partners.audit.recording import By
from partners.people.accounts import accounts_of
from partners.people.forms import JoinForm
from partners.people.invitations import AccountExists, Ended, find, join, join_as_new
from partners.people.middleware import is_proven, to_verification
from partners.people.models import Invitation
from partners.people.tokens import hashed
from partners.viewing import IN_VIEW

# The session's word for the invitation whose link was opened: the hash of its token.
IN_HAND = "invitation_in_hand"
HAS_ACCOUNT = "invitation_of_an_account"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_safe
def invitation_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address at once; the page itself is elsewhere."""
    request.session[IN_HAND] = hashed(token)
    response = redirect("people:invitation")
    response["Referrer-Policy"] = "no-referrer"
    return response


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Show the invitation in hand, and accept it."""
    found = find(request.session.get(IN_HAND, ""))
    if found is None or not found.is_open:
        return _gone(request, found)
    try:
        return _answer(request, found)
    except Ended:
        return _gone(request, find(found.token_hash or ""))
    except AccountExists:
        request.session[HAS_ACCOUNT] = found.pk
        return redirect("people:invitation")


def _answer(request: HttpRequest, found: Invitation) -> HttpResponse:
    accounts = accounts_of(found.email)
    user = request.user
    if isinstance(user, User) and not is_proven(request):
        return to_verification(request)
    if isinstance(user, User):
        return _for_member(request, found, user, user in accounts)
    return _sign_in_first(request, found) if accounts and _tells(request, found) else _for_somebody_new(request, found)


def _tells(request: HttpRequest, found: Invitation) -> bool:
    # A link that was not mailed is in the owner's hands first: opening it must not tell whether there is an account.
    return found.mailed_at is not None or request.session.get(HAS_ACCOUNT) == found.pk


def _for_member(request: HttpRequest, found: Invitation, user: User, is_invited: bool) -> HttpResponse:
    if not is_invited or request.method != "POST":
        return render(request, "people/invitation_signed_in.html", {"invitation": found, "is_invited": is_invited})
    join(found, user, By.request(request))
    return _in(request, found)


def _sign_in_first(request: HttpRequest, found: Invitation) -> HttpResponse:
    return render(request, "people/invitation_sign_in.html", {"invitation": found})


def _for_somebody_new(request: HttpRequest, found: Invitation) -> HttpResponse:
    form = JoinForm(found.email, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "people/invitation_new.html", {"invitation": found, "form": form})
    by = By.request(request, name=found.email)
    user = join_as_new(found, form.cleaned_data["name"], form.cleaned_data["password1"], by)
    login(request, user, backend=BACKEND)
    return _in(request, found)


def _in(request: HttpRequest, found: Invitation) -> HttpResponse:
    request.session.pop(IN_HAND, None)
    request.session[IN_VIEW] = found.partner_id
    return redirect("admin:index")


def _gone(request: HttpRequest, found: Invitation | None) -> HttpResponse:
    return render(request, "people/invitation_gone.html", {"invitation": found}, status=410)
