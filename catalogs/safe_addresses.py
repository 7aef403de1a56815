"""Which addresses of the net a feed may be fetched from: public ones, and those only."""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

# What `socket.getaddrinfo` takes and gives, as far as it is asked here.
Resolve = Callable[[str, int], list[str]]

# Public by its number, and yet the inside of Azure, where the host's own agent answers; 6to4; protocol assignments.
_INSIDES = tuple(map(IPv4Network, ("168.63.129.16/32", "192.88.99.0/24", "192.0.0.0/24")))
_UNICAST = IPv6Network("2000::/3")
# In these an IPv4 address is hidden, or nobody is: protocol assignments with Teredo, documentation, 6to4.
_NOBODY = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_HTTPS_PORT = 443


class UnsafeAddress(Exception):
    """Nothing may be fetched there; `code` is one of `catalogs.wording`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_url(url: str, *, may_be_private: bool) -> None:
    """Raise UnsafeAddress for what is no plain https address of a public host, as far as the text says it.

    Where it may be private, http and other ports than 443 are allowed, too. A name is looked up when it is called.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UnsafeAddress("bad_address") from None
    if not host or "\\" in url or any(ord(each) <= 32 or ord(each) == 127 for each in url):
        raise UnsafeAddress("bad_address")
    if parts.username is not None or parts.password is not None:
        raise UnsafeAddress("has_credentials")
    if parts.scheme != "https" and not (may_be_private and parts.scheme == "http"):
        raise UnsafeAddress("not_https")
    if may_be_private:
        return
    if port not in (None, _HTTPS_PORT):
        raise UnsafeAddress("other_port")
    if _is_number(host) and not is_public(host):
        raise UnsafeAddress("private_address")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open net: of no private, local, shared, reserved or multicast range.

    An IPv6 address in which an IPv4 one is hidden (mapped, NAT64, 6to4, Teredo) is none.
    """
    try:
        number = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(number, IPv4Address):
        is_special = number.is_multicast or number.is_reserved or any(number in each for each in _INSIDES)
        return number.is_global and not is_special
    return number in _UNICAST and number.is_global and not _is_nobodys(number)


def addresses_of(host: str, port: int, resolve: Resolve, *, may_be_private: bool) -> list[str]:
    """Look a host up, once, and give the addresses to connect to.

    Raises UnsafeAddress where a single one is not public, and OSError where there is none: to check here and to let
    somebody else look the name up again would be to check nothing.
    """
    found = resolve(host, port)
    if not may_be_private and not all(map(is_public, found)):
        raise UnsafeAddress("private_address")
    if not found:
        raise OSError("no address")
    return found


def look_up(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host; raises OSError, also for what cannot be one's name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError(f"{host} is not the name of a host") from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _is_nobodys(number: IPv6Address) -> bool:
    return any(number in each for each in _NOBODY)


def _is_number(host: str) -> bool:
    """Whether a host is written as a number, in one of the ways that systems take for an IPv4 address."""
    if ":" in host:
        return True
    last = host.rstrip(".").rpartition(".")[2]
    return last.isdecimal() or last.lower().startswith("0x")
