"""Keeps secrets out of everything that is stored in clear, shown or logged."""

import re
from collections.abc import Iterable

MASK = "***"

_SECRET_KEY = re.compile("token|secret|code|proof", re.IGNORECASE)
_NOT_SECRET_KEYS = frozenset({"token_type", "error_code", "error_subcode", "country_code", "currency_code"})
_MAX_DEPTH = 100
_MAX_SCANNED = 10_000

_URL = re.compile(r"\bhttps?://\S+", re.IGNORECASE)
_ASSIGNED = re.compile(r"\b(\w*(?:token|secret|proof|code))(?:=|%3D|[\"']\s*:\s*[\"'])[^&\s\"']+", re.IGNORECASE)
_META_TOKEN = re.compile(r"\bEAA\w+", re.ASCII)
_LONG_META_TOKEN = re.compile(r"\bEAA\w{16,}", re.ASCII)
_APP_TOKEN = re.compile(r"\b(\d+)(?:\||%7C)[^\s&\"']+", re.IGNORECASE)
# Letters and digits mixed in one long run: hex digests and tokens, but neither plain ids nor the names of permissions.
_OPAQUE = re.compile(r"\b(?=[\w-]{0,256}\d)(?=[\w-]{0,256}[a-z])[\w-]{24,}", re.ASCII | re.IGNORECASE)


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """Take addresses, the secrets named, and whatever looks like a token out of a text meant for people."""
    text = text[:_MAX_SCANNED]
    for secret in filter(None, secrets):
        text = text.replace(secret, MASK)
    text = _ASSIGNED.sub(rf"\1={MASK}", _URL.sub("[address]", text))
    text = _APP_TOKEN.sub(rf"\1|{MASK}", _META_TOKEN.sub(MASK, text))
    return _OPAQUE.sub(MASK, text)


def mask_secrets(payload: object) -> object:
    """Copy a JSON value with every value under a key that names a token, secret, code or proof replaced by ``***``.

    So is a token inside a text, such as the address of a next page, and whatever lies deeper than any answer of Meta's.
    """
    return _masked(payload, 0)


def _masked(value: object, depth: int) -> object:
    if depth > _MAX_DEPTH:
        return MASK
    if isinstance(value, dict):
        return {
            key: MASK if item is not None and names_secret(str(key)) else _masked(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_masked(item, depth + 1) for item in value]
    return without_tokens(value) if isinstance(value, str) else value


def without_tokens(text: str) -> str:
    """Take Meta's tokens, and what is assigned to a secret's name, out of a text."""
    if not any(sign in text for sign in ("EAA", "=", "%3", ":")):
        return text
    # A partner's own id may begin with the same letters, and must stay what it is.
    return _LONG_META_TOKEN.sub(MASK, _ASSIGNED.sub(rf"\1={MASK}", text))


def names_secret(key: str) -> bool:
    """Say whether what stands under this key is a secret."""
    return bool(_SECRET_KEY.search(key)) and key.lower() not in _NOT_SECRET_KEYS
