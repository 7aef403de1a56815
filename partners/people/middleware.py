"""Nobody gets further than the own second factor allows: asked in one place, for the admin and people's own pages."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from partners.people.second_factor import has_authenticator
from partners.viewing import NOBODY, Viewer, find_viewer, viewer

GUARDED = ("admin", "people")
# Pages for everybody; what they need, they ask for themselves.
OPEN = {
    ("admin", "login"),
    ("admin", "logout"),
    ("admin", "jsi18n"),
    ("people", "verify"),
    ("people", "invitation_link"),
    ("people", "invitation"),
    ("people", "reset_ask"),
    ("people", "reset_asked"),
    ("people", "reset_link"),
    ("people", "reset_done"),
}
# All that is left to a member of a partner that requires a second factor, before there is one.
SET_UP = {("people", name) for name in ("second_factor", "set_up", "qr_code", "look_at")}


class OnlyProven:
    """Sends whoever has not proven enough to where that is done; a new page is guarded unless it stands in `OPEN`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; what shows people's own pages is kept by no cache."""
        response = self._get_response(request)
        if _page(request)[0] == "people":
            add_never_cache_headers(response)
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Let the view answer, or answer in its place."""
        page = _page(request)
        if page[0] not in GUARDED:
            return None
        if page in OPEN:
            if not is_proven(request):
                request.viewer = NOBODY  # type: ignore[attr-defined]  # read by `viewing.viewer`
            return None
        user = request.user
        if not isinstance(user, User):
            # The admin sends to the login by itself.
            return None if page[0] == "admin" else redirect_to_login(request.get_full_path())
        if not is_proven(request):
            return to_verification(request)
        return _beyond_proof(request, user, page)


def is_proven(request: HttpRequest) -> bool:
    """Whether this session has shown the second factor, or the person has none."""
    user = request.user
    return isinstance(user, User) and (user.is_verified() or not has_authenticator(user))  # type: ignore[attr-defined]


def to_verification(request: HttpRequest) -> HttpResponseRedirect:
    """Ask for the second factor, and then lead on to this page."""
    following = request.get_full_path() if request.method == "GET" else resolve_url("admin:index")
    return redirect(f"{reverse('people:verify')}?{urlencode({'next': following})}")


def _beyond_proof(request: HttpRequest, user: User, page: tuple[str, str]) -> HttpResponse | None:
    if page[0] == "people":
        request.viewer = find_viewer(request)  # type: ignore[attr-defined]  # read by `viewing.viewer`
    looks = viewer(request)
    if not looks.is_somebody:
        logout(request)
        messages.warning(request, _("You were signed out: your account opens no partner (any more). Ask an owner."))
        return redirect("admin:login")
    if page not in SET_UP and _lacks_second_factor(looks, user):
        return redirect("people:second_factor")
    return None


def _lacks_second_factor(looks: Viewer, user: User) -> bool:
    if looks.partner is None or looks.is_platform or not looks.partner.requires_second_factor:
        return False
    return not has_authenticator(user)


def _page(request: HttpRequest) -> tuple[str, str]:
    """The page's namespace and name; whatever lies below the admin's first page is the admin's."""
    match = request.resolver_match
    name = match.url_name or "" if match else ""
    if match and match.app_names:
        return match.app_names[0], name
    return "admin" if request.path_info.startswith(reverse("admin:index")) else "", name
