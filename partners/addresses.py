"""Where a request comes from: the address of the person's machine, as far as somebody trustworthy says it."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The IP address that asks; empty where there is none, as over a socket.

    Each of the `TRUSTED_PROXIES` adds whom it heard from at the end of `X-Forwarded-For`: what stands further left was
    written by whoever asks, and is believed by nobody.
    """
    heard = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    trusted: int = settings.TRUSTED_PROXIES
    forwarded = _normalised(heard[-trusted]) if 0 < trusted <= len(heard) else ""
    return forwarded or _normalised(request.META.get("REMOTE_ADDR", ""))


def _normalised(word: str) -> str:
    try:
        address = ip_address(word.strip())
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        # One machine has one name: a zone means something on one host only, and a mapped address is an IPv4 one.
        return str(address.ipv4_mapped or IPv6Address(int(address)))
    return str(address)
