"""What Meta tells an app about Pages, counted: leads, messages and the like (meta-api, 9 and 9.4)."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mbe.wire import read_json, text

# Of different pairs of Page and field in one body; Meta promises 1,000 updates at most.
MOST_PAIRS = 1000
LONGEST_WORD = 64

# Meta writes the object first; then nothing needs to be parsed to see that a body is about something else.
_OTHER_OBJECT = re.compile(rb'\s*+\{\s*+"object"\s*+:\s*+"(?!page")\w*+"')
_DIGITS = re.compile(r"[0-9]+")
# An element of `messaging` names no field: its key tells. The first one that is there counts.
_FIELD_OF_KEY = {
    "message": "messages",
    "postback": "messaging_postbacks",
    "optin": "messaging_optins",
    "delivery": "message_deliveries",
    "read": "message_reads",
    "reaction": "message_reactions",
    "referral": "messaging_referrals",
    "message_edit": "message_edits",
}


def count_page_notices(raw: bytes) -> Counter[tuple[str, str]] | None:
    """Count a body's notices by Page id and field; None for a body that is not about Pages, or tells nothing.

    Both are empty where Meta names none, and for what goes beyond ``MOST_PAIRS``. Whatever the bytes are, nothing is
    raised.
    """
    if _OTHER_OBJECT.match(raw):
        return None
    try:
        body = read_json(raw)
    except ValueError:
        return None
    if not isinstance(body, dict) or body.get("object") != "page":
        return None
    counted: Counter[tuple[str, str]] = Counter()
    for entry in _objects(body.get("entry")):
        page_id = _page_id(entry.get("id"))
        for field in _fields(entry):
            pair = (page_id, field)
            counted[pair if pair in counted or len(counted) < MOST_PAIRS else ("", "")] += 1
    return counted or None


def _fields(entry: dict[str, Any]) -> Iterator[str]:
    """The field of each change of an entry; an entry without any is one notice of no field."""
    changes = [text(change.get("field"), LONGEST_WORD) for change in _objects(entry.get("changes"))]
    messages = [_field_of_message(element) for element in _objects(entry.get("messaging"))]
    standby = ["standby" for _ in _objects(entry.get("standby"))]
    bare = entry.get("changed_fields")
    names = [text(name, LONGEST_WORD) for name in bare] if isinstance(bare, list) and not changes else []
    yield from changes + messages + standby + names or [""]


def _field_of_message(element: dict[str, Any]) -> str:
    message = element.get("message")
    if isinstance(message, dict) and message.get("is_echo"):
        return "message_echoes"
    return next((field for key, field in _FIELD_OF_KEY.items() if key in element), "messaging")


def _page_id(value: object) -> str:
    word = text(value, LONGEST_WORD)
    return word if _DIGITS.fullmatch(word) else ""


def _objects(value: object) -> list[dict[str, Any]]:
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []
