"""What of a row is kept for whoever repairs it: its cells, or what is safe of a line that cannot be read."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from mbe.catalog import VERTICALS
from mbe.masking import MASK, without_tokens
from mbe.v2 import IMPLIED_BY_CHANNEL, NEEDS

SHORTEST_TOKEN = 8
_LONGEST = 2_000
# Neither a backslash nor a sign of base64 ends a word: the pieces of a token would pass for short words.
_WORD = re.compile(r"""[^\s"',;|{}\[\]]+""")
_NUMBER = re.compile(r"[0-9]{1,20}")
_KNOWN = frozenset(
    {
        *("external_business_id", "access_token", "token_type", "SYSTEM_USER", "timezone", "currency", "verticals"),
        *("instagram_profiles", "profiles"),
        *(asset for need in NEEDS.values() for asset in (*need.required, *need.along)),
        *IMPLIED_BY_CHANNEL,
        *VERTICALS,
        *available_timezones(),
    }
)


def tokens_in(value: Any) -> list[str]:
    """What stands in the token's column, be it one or not; what is shorter than any token is none."""
    found = (text.strip() for text in _texts_in(value))
    return [each for each in found if len(each) >= SHORTEST_TOKEN]


def holds_token(value: Any, tokens: Sequence[str]) -> bool:
    """Whether one of the row's tokens, or what looks like one of Meta's, stands in a value, however deep."""
    return any(
        without_tokens(text) != text or any(each in text for each in tokens) for text in (str(value), *_texts_in(value))
    )


def cells_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Values that hold no token as cells that the import takes back."""
    return {name: cell for name, value in values.items() if (cell := _clean(_cell(value)))}


def text_of(raw: bytes) -> str:
    """A line that cannot be read, with every word hidden that may be a token; empty where nothing is left to see.

    No column tells where its token is, so each word that is long enough for one is hidden, unless it is a number or
    one that files of installations share: names of columns, channels, verticals, time zones.
    """
    text = _clean(without_words(raw.decode(errors="replace").removeprefix("\ufeff")).strip())
    return text if any(each.isalnum() for each in text) else ""


def without_words(text: str) -> str:
    """A text in which every word that may be a token is hidden, for who does not know where the token is."""
    return _WORD.sub(_harmless, text)


def _clean(text: str) -> str:
    """A text that the database takes."""
    return text.replace("\0", "").encode(errors="replace").decode()[:_LONGEST]


def _harmless(word: re.Match[str]) -> str:
    text = word.group()
    return text if len(text) < SHORTEST_TOKEN or text in _KNOWN or _NUMBER.fullmatch(text) else MASK


def _cell(value: Any) -> str:
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        return ";".join(_cell(each) for each in value if each not in (None, ""))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _texts_in(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            left += [*each, *each.values()]
        elif isinstance(each, list):
            left += each
        else:
            yield str(each)
