"""What every answer tells browsers about itself: where it may load from, lead to, and be shown."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

# The admin's copy buttons write to the clipboard; nothing needs more.
PERMISSIONS = {
    name: "()"
    for name in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "clipboard-read",
        "display-capture",
        "geolocation",
        "gyroscope",
        "hid",
        "idle-detection",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
} | {"clipboard-write": "(self)"}
PERMISSIONS_POLICY = ", ".join(f"{name}={who}" for name, who in PERMISSIONS.items())

# For what machines ask, and no browser shows.
BARE_POLICY = "default-src 'none'; frame-ancestors 'none'"


def permissions_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Switch off the powers of a browser that no page of the portal uses."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        return response

    return middleware


def bare(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Have no browser run or embed what comes from outside the middleware."""

    def chain(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = get_response(request)
        response.headers["Content-Security-Policy"] = BARE_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return chain
