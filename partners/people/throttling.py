"""Sign-ins are throttled for each account and each address: what the throttle counts by, and what it says."""

from datetime import datetime, timedelta
from ipaddress import IPv6Network

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.timezone import now

from partners.addresses import address_of


def account_of(request: HttpRequest, credentials: dict[str, object] | None = None) -> str:
    """Name the account that is tried, by a keyed hash.

    The tables of the throttle hold no name: who errs types a password there. Letters count alike, big and small.
    """
    name = str((credentials or {}).get("username") or request.POST.get("username") or "")
    return _hashed(name)


def machine_of(request: HttpRequest) -> str | None:
    """Name the address that asks, as the throttle's column takes it.

    Of IPv6 it names the network of 64 bits: whoever has one such address has all of them.
    """
    address = address_of(request)
    if ":" in address:
        return str(IPv6Network((address, 64), strict=False).network_address)
    return address or None


def unlock(user: User) -> bool:
    """Forget the wrong sign-ins of an account; whether there were any."""
    forgotten: int = AccessAttempt.objects.filter(username=_hashed(user.get_username())).delete()[0]
    return forgotten > 0


def locked_out(
    request: HttpRequest, answer: HttpResponse | None = None, credentials: dict[str, object] | None = None
) -> HttpResponse:
    """Say when to try again; whether there is such an account, the answer does not tell."""
    until = _until(request, credentials)
    response = render(request, "people/locked_out.html", {"until": until}, status=429)
    response["Retry-After"] = str(max(1, int((until - now()).total_seconds())))
    return response


def _hashed(name: str) -> str:
    return salted_hmac("people.throttle", name.strip().casefold()).hexdigest()


def _until(request: HttpRequest, credentials: dict[str, object] | None) -> datetime:
    counted = Q(username=account_of(request, credentials)) | Q(ip_address=machine_of(request))
    last = AccessAttempt.objects.filter(counted).aggregate(at=Max("attempt_time"))["at"] or now()
    pause: timedelta = settings.AXES_COOLOFF_TIME
    return last + pause
