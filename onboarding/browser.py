"""The cookies that tie a merchant's way through Meta to one browser; the server keeps only their hashes."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from onboarding.models import new_token

BROWSER_COOKIE = "browser"
LINK_COOKIE = "launch_link"
LINK_PATH = "/connect/"
SECONDS = 24 * 60 * 60
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def browser_of(request: HttpRequest) -> str:
    """The random value of this browser; empty when it has none."""
    value = request.COOKIES.get(BROWSER_COOKIE, "")
    return value if _TOKEN.fullmatch(value) else ""


def browser_or_new(request: HttpRequest) -> str:
    """The random value of this browser, or a new one: several attempts may be under way in its tabs."""
    return browser_of(request) or new_token()


def remember_browser(response: HttpResponse, browser: str) -> None:
    """Have the browser bring its value back, also when Meta sends it here (so `Lax`, not `Strict`)."""
    _set(response, BROWSER_COOKIE, browser, "/")


def link_of(request: HttpRequest) -> str:
    """The token of the launch link that this browser opened last; empty when it has none."""
    return request.COOKIES.get(LINK_COOKIE, "")


def remember_link(response: HttpResponse, token: str) -> None:
    """Have the browser keep the way back to its launch page, which the server could not name."""
    _set(response, LINK_COOKIE, token, LINK_PATH)


def forget_link(response: HttpResponse) -> None:
    """Have the browser forget its launch link: somebody else sits in front of it."""
    response.delete_cookie(LINK_COOKIE, path=LINK_PATH, samesite="Lax")


def _set(response: HttpResponse, name: str, value: str, path: str) -> None:
    response.set_cookie(
        name, value, max_age=SECONDS, path=path, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
