"""Reads Meta's JSON so strictly that whatever comes out can be stored, sent on and walked through without surprises."""

import json
import math
import re
from typing import NoReturn

MAX_DEPTH = 100
# Of a word of Meta's, such as an id or a type; the columns that keep one are as long.
LONGEST_WORD = 255

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNSTORABLE_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def read_json(raw: bytes) -> object:
    """Parse a JSON body in UTF-8. Raises ValueError, with a short reason that quotes nothing, whatever the bytes are.

    Refused: NaN and infinities, numbers too long to be any, nesting beyond ``MAX_DEPTH``. Replaced by U+FFFD: NUL and
    lone surrogates inside strings, which PostgreSQL cannot store.
    """
    try:
        value: object = _DECODER.decode(raw.decode())
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except ValueError:
        raise ValueError("not JSON") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not is_shallow(value):
        raise ValueError("nested too deeply")
    return storable(value) if _UNSTORABLE_ESCAPE.search(raw) else value


def text(value: object, limit: int = LONGEST_WORD) -> str:
    """Give a string or an integer as text; anything else, and a text longer than ``limit``, is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    word = str(value)
    return word if len(word) <= limit else ""


def identifier(value: object) -> str:
    """Give an id of Meta's as text, also where it came as a number; empty for ``"0"``, which means none."""
    word = text(value).strip()
    return "" if word == "0" else word


def is_shallow(value: object) -> bool:
    """Whether a JSON value is nested no deeper than ``MAX_DEPTH``: whatever walks through it comes to an end."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node) if isinstance(child, dict | list)]
        if not level:
            return True
    return False


def _finite(literal: str) -> float:
    number = float(literal)
    return number if math.isfinite(number) else _refuse(literal)


def _refuse(literal: str) -> NoReturn:
    raise ValueError(literal)


# Made once: json.loads would make a decoder in every call that names these two.
_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse)


def _children(node: object) -> list[object]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def storable(value: object) -> object:
    """Copy a JSON value with what PostgreSQL cannot store, NUL and lone surrogates, replaced by U+FFFD."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_UNSTORABLE.sub("\ufffd", key): storable(item) for key, item in value.items()}
    return [storable(item) for item in value] if isinstance(value, list) else value
