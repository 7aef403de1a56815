"""From an HTTP answer to a parsed value or to the error that it stands for (meta-api, sections 8.1 and 8.2)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mbe.errors import (
    DEFAULT_WAIT_SECONDS,
    DeadToken,
    DoubtfulAnswer,
    GraphError,
    NotVisible,
    PermissionMissing,
    RateLimited,
    Refused,
    Scope,
    TransientError,
)
from mbe.masking import scrub
from mbe.wire import read_json, text

_LIMITS_OF_THE_APP = (4,)
_LIMITS_OF_A_SUBJECT = (17, 32, 341, 368, 613, *range(80000, 80015))
_POLICY_BLOCK = 368
_POLICY_WAIT_SECONDS = 3600
_LONGEST_WAIT_SECONDS = 7 * 24 * 3600
_MAX_MESSAGE = 500


def read_answer(status: int, headers: Mapping[str, str], body: bytes, secrets: Sequence[str] = ()) -> Any:
    """Parse the body of an answer that is a success, or raise the GraphError that it stands for.

    A success is HTTP 200 with JSON that holds no ``error`` and does not say ``"success": false``.
    """
    try:
        payload = read_json(body)
    except ValueError as reason:
        raise _without_error_object(status, headers, f"The answer is {reason}") from None
    if status == 200 and not (isinstance(payload, dict) and payload.get("error")):
        if isinstance(payload, dict) and payload.get("success") is False:
            raise DoubtfulAnswer("Meta says that the call had no success", http_status=status)
        return payload
    raise error_from_response(status, headers, payload, secrets)


def error_from_response(
    status: int, headers: Mapping[str, str], payload: object, secrets: Sequence[str] = ()
) -> GraphError:
    """Give the error for an answer that is no success, by Meta's code first and by the HTTP status after.

    ``headers`` tell how long to wait at a limit. ``secrets`` are taken out of the texts, whatever they look like.
    """
    error = payload.get("error") if isinstance(payload, dict) else None
    if not error:
        return _without_error_object(status, headers, "The answer holds no error object")
    if not isinstance(error, dict):
        return Refused(_shown(error, secrets) or "Refused", http_status=status)
    facts: dict[str, Any] = {
        "code": _number(error.get("code")),
        "subcode": _number(error.get("error_subcode")),
        "http_status": status,
        "user_message": _shown(error.get("error_user_msg"), secrets),
        "trace_id": text(error.get("fbtrace_id"), 64),
    }
    message = _shown(error.get("message"), secrets) or "Meta gave no message"
    kind = _kind(facts["code"], facts["subcode"], status, error.get("is_transient") is True)
    if kind is not RateLimited:
        return kind(message, **facts)
    scope: Scope = "app" if facts["code"] in _LIMITS_OF_THE_APP else "subject"
    return RateLimited(message, wait_seconds=_wait_seconds(headers, facts["code"]), scope=scope, **facts)


def _kind(code: int | None, subcode: int | None, status: int, is_transient: bool) -> type[GraphError]:
    if code in _LIMITS_OF_THE_APP or code in _LIMITS_OF_A_SUBJECT:
        return RateLimited
    if code in (190, 102):
        return DeadToken
    if code in (1, 2) or is_transient:
        return TransientError
    if (code, subcode) == (100, 33):
        return NotVisible
    if code is not None and (code == 10 or 200 <= code <= 299):
        return PermissionMissing
    return _kind_by_status(status) or Refused


def _kind_by_status(status: int) -> type[GraphError] | None:
    if status == 429:
        return RateLimited
    return TransientError if status >= 500 else None


def _without_error_object(status: int, headers: Mapping[str, str], reason: str) -> GraphError:
    message = f"{reason} (HTTP {status})"
    kind = _kind_by_status(status) or DoubtfulAnswer
    if kind is not RateLimited:
        return kind(message, http_status=status)
    return RateLimited(message, wait_seconds=_wait_seconds(headers, None), http_status=status)


def _wait_seconds(headers: Mapping[str, str], code: int | None) -> int:
    lowered = {name.lower(): value for name, value in headers.items()}
    longest = max(_waits(lowered), default=0)
    if longest > 0:
        return min(longest, _LONGEST_WAIT_SECONDS)
    return _POLICY_WAIT_SECONDS if code == _POLICY_BLOCK else DEFAULT_WAIT_SECONDS


def _waits(headers: Mapping[str, str]) -> Iterator[int]:
    """Every wait that the headers name, in seconds; Meta counts the one for business use cases in minutes."""
    use_cases = _json(headers.get("x-business-use-case-usage"))
    for usages in use_cases.values() if isinstance(use_cases, dict) else ():
        for usage in usages if isinstance(usages, list) else [usages]:
            yield 60 * _count(usage, "estimated_time_to_regain_access")
    yield _count(_json(headers.get("x-ad-account-usage")), "reset_time_duration")
    yield _number(headers.get("retry-after")) or 0


def _json(header: str | None) -> object:
    try:
        return read_json((header or "null").encode())
    except ValueError:
        return None


def _count(usage: object, key: str) -> int:
    value = usage.get(key) if isinstance(usage, dict) else None
    return int(value) if isinstance(value, int | float) else 0


def _number(value: object) -> int | None:
    digits = text(value, 12)
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _shown(value: object, secrets: Sequence[str]) -> str:
    return scrub(value, secrets)[:_MAX_MESSAGE] if isinstance(value, str) else ""
