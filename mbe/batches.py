"""The form of a batch request and of its answer (meta-api, section 8.3)."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from mbe.errors import DoubtfulAnswer
from mbe.transport import Answer

MAX_OPERATIONS = 50


def operation(relative_url: str, token: str, form: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give one operation with its own token: a GET, or a POST of a form."""
    given = {"method": "POST" if form else "GET", "relative_url": relative_url, "access_token": token}
    return {**given, "body": urlencode(form)} if form else given


def answers_of(payload: object, expected: int) -> list[Answer | None]:
    """Read the answers of a batch, in the order of its operations; None for one that Meta did not finish.

    Raises DoubtfulAnswer where there is not one answer for each of the ``expected`` operations.
    """
    if not isinstance(payload, list) or len(payload) != expected:
        raise DoubtfulAnswer("The batch has not as many answers as operations")
    return [_answer(element) for element in payload]


def _answer(element: object) -> Answer | None:
    if element is None:
        return None
    if not isinstance(element, dict) or not isinstance(element.get("code"), int):
        return Answer(200, {}, b"")
    body = element.get("body")
    return Answer(
        status=element["code"],
        headers=_headers(element.get("headers")),
        body=(body if isinstance(body, str) else json.dumps(body)).encode(),
    )


def _headers(entries: object) -> dict[str, str]:
    pairs = entries if isinstance(entries, list) else []
    return {str(pair.get("name")): str(pair.get("value")) for pair in pairs if isinstance(pair, dict)}
