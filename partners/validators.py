"""What Meta takes in `extras.setup`: IANA zones, ISO 4217 currencies, https origins (meta-api §1.6)."""

import re
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)


def validate_time_zone(value: str) -> None:
    """Refuse what is no IANA zone name; Meta refuses minute offsets."""
    if value not in _time_zones():
        raise ValidationError(_("“%(value)s” is no IANA time zone such as Asia/Hong_Kong."), params={"value": value})


def validate_currency(value: str) -> None:
    """Refuse what is no ISO 4217 code."""
    if value not in list_currencies():
        raise ValidationError(_("“%(value)s” is no ISO 4217 currency such as HKD."), params={"value": value})


def validate_https_origin(value: str) -> None:
    """Refuse what is no https origin (`https://shop.example`), without path, query, port or credentials."""
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc) or parts.path or parts.query or parts.fragment:
        message = _("“%(value)s” is no https origin such as https://shop.example.")
        raise ValidationError(message, params={"value": value})


def validate_https_url(value: str) -> None:
    """Refuse what is no https address with a host, or names a person (`user:password@`)."""
    try:
        parts = urlsplit(value)
        host = "" if "@" in parts.netloc else parts.hostname or ""
    except ValueError:
        host = ""
    if not value.startswith("https://") or not _HOST.fullmatch(host) or re.search(r"\s", value):
        raise ValidationError(_("“%(value)s” is no https address."), params={"value": value})


@cache
def _time_zones() -> frozenset[str]:
    # It walks the whole directory of zones.
    return frozenset(available_timezones())
