"""Takes the secrets out of a webhook's body and leaves everything else of it as it came, to the byte.

In the place of each stands a mark, which is the same for the same secret: what was told apart stays so, repetitions
stay repetitions, and whoever keeps the secret elsewhere finds it again by `fingerprint_of`. A mark is never marked
again.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mbe.errors import UnreadableBody
from mbe.masking import MASK, names_secret, without_tokens
from mbe.wire import read_json, storable

# Whose parties a notice is about: such a word is no secret, whatever it looks like.
_IDENTIFIERS = frozenset(
    {
        "id",
        "business_id",
        "fbe_external_business_id",
        "external_business_id",
        "external_id",
        "business_manager_id",
        "feature_instance_id",
    }
)
_MAY_HOLD_SECRETS = re.compile(rb"token|secret|code|proof|EAA|\\u", re.IGNORECASE)
# In JSON that is known to be valid, every string is one match, and one with a colon after it is a key.
_STRING = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:\s*)?')
_MARK = re.compile(re.escape(MASK) + "([0-9a-f]{64})")
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Redacted:
    """A readable body without its secrets, and the texts among those by their marks."""

    body: bytes
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


def redact(raw: bytes) -> Redacted:
    """Take the secrets out of a body in JSON, known or not to hold some; raises UnreadableBody."""
    try:
        read_json(raw)
    except ValueError as error:
        raise UnreadableBody(str(error)) from None
    if not _MAY_HOLD_SECRETS.search(raw):
        return Redacted(raw)
    text, pieces, end = raw.decode(), [], 0
    secrets: dict[str, str] = {}
    for start, stop, mark, secret in _found(text):
        pieces += [text[end:start], json.dumps(mark)]
        end = stop
        if isinstance(secret, str):
            secrets[mark] = secret
    return Redacted("".join([*pieces, text[end:]]).encode(), secrets) if pieces else Redacted(raw)


def mark_of(secret: object) -> str:
    """The mark that stands for a secret: a hash, so that the same one is recognised and none is revealed."""
    words = secret if isinstance(secret, str) else _CANONICAL.encode(secret)
    return MASK + hashlib.sha256(words.encode()).hexdigest()


def fingerprint_of(mark: object) -> str:
    """The SHA-256 of the text behind a mark, in hex; empty for what is no mark."""
    found = _MARK.fullmatch(mark) if isinstance(mark, str) else None
    return found[1] if found else ""


def _found(text: str) -> Iterator[tuple[int, int, str, object]]:
    """Where each secret begins and ends, what is to stand there instead, and what it was where a key named it one."""
    position = 0
    while string := _STRING.search(text, position):
        position = string.end()
        word = json.loads(string[1])
        if string[2] is None:
            if (shown := without_tokens(word)) != word:
                yield string.start(), position, shown, None
        elif names_secret(word):
            start = position
            secret, position = _DECODER.raw_decode(text, start)
            secret = _plain(secret)
            # What is empty says something (no token any more) and hides nothing.
            if secret and not fingerprint_of(secret):
                yield start, position, mark_of(secret), secret
        elif word in _IDENTIFIERS and text.startswith('"', position):
            position = _DECODER.raw_decode(text, position)[1]


def _plain(secret: object) -> object:
    """A value as the parser of notices reads it."""
    value = storable(secret)
    return value.strip() or value if isinstance(value, str) else value
