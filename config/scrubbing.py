"""Keeps secrets out of logs and error pages: whoever reads them could otherwise act as a merchant or as a partner."""

import logging
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote, urlsplit

from django.conf import settings

CUT = "…"
_LEAST_LETTERS = 6
_QUOTE = r"(?:[\"']|&quot;|&#x27;|&#39;)"
_NAME = r"[\w.-]*(?:token|secret|proof|password|passphrase|signature|encryption_keys?)"
# Each pattern's first group stays.
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # A launch link, an invitation, a reset: whoever has the address may go in.
        r"(/connect/)(?!(?:result|business-app)/)[^/\s?#\"'<>&]+",
        r"(/(?:invitation|reset)/)[^/\s?#\"'<>&]+",
        r"(/password/[^/\s]+/)[^/\s?#\"'<>&]+",
        # A field of a query or a form.
        rf"({_NAME}(?:=|%3D))[^&;\s\"'<>(),]+",
        r"((?:[?&;]|%3F|%26)(?:code|state|input_token|sig)(?:=|%3D))[^&;\s\"'<>(),]+",
        # An entry of a dictionary or of JSON.
        rf"({_QUOTE}(?:{_NAME}|code|state){_QUOTE}\s*:\s*b?{_QUOTE})(?:(?!{_QUOTE}).)+",
        r"(\b(?:Bearer|OAuth)\s+)[\w.|%~+/=-]+",
        # Meta's tokens of users and of apps.
        r"(\bEAA)\w{12,}",
        r"(\b\d{5,}(?:\||%7C))[\w-]{8,}",
        # The password in the address of a database, a broker or a mail server.
        r"(\b[a-z][a-z0-9+]*://[^\s:/@]*:)[^\s@/]+(?=@)",
    )
)


def scrub_secrets(text: str) -> str:
    """Cut the portal's own secrets, and what looks like one of a business or of a visitor, out of a text."""
    for secret in _own_secrets():
        text = text.replace(secret, CUT)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{CUT}", text)
    return text


class ScrubbingFormatter(logging.Formatter):
    """Formats a record as usual, and scrubs all of it: message, arguments, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the lines for the log."""
        return scrub_secrets(super().format(record))


@cache
def _own_secrets() -> tuple[str, ...]:
    secrets = {settings.SECRET_KEY, *settings.ENCRYPTION_KEYS, *filter(None, _passwords())}
    # A word as short as that is no secret, and cutting it would make logs unreadable.
    return tuple(sorted((each for each in secrets if len(each) >= _LEAST_LETTERS), key=len, reverse=True))


def _passwords() -> Iterator[str]:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "EMAIL_URL"):
        written = urlsplit(getattr(settings.ENVIRONMENT, name.lower(), "") or "").password or ""
        yield from (written, unquote(written))
