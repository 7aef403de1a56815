"""Answers of the Graph API: the error object and the faults that can be asked for."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.knob_groups import Fault
from sandbox.model import Json

JSON_TYPE = "application/json; charset=UTF-8"
TRACE = "AsandboxTrace"
# Path of a fault -> code and type of the business-use-case limit (meta-api, 8.1).
_BUSINESS_LIMITS = {
    "page": (80001, "pages"),
    "subscription": (80001, "pages"),
    "pixel": (80004, "ads_management"),
    "events": (80004, "ads_management"),
    "asset": (80004, "ads_management"),
    "items_batch": (80014, "catalog_batch"),
}


@dataclass(frozen=True)
class Answer:
    """What goes back over the wire, or into one element of a batch."""

    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE


class GraphRefusal(Exception):
    """A call that Meta refuses; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body)
        self.answer = answer


def success(payload: Any) -> Answer:
    """A good answer."""
    return Answer(json.dumps(payload))


def error(
    status: int,
    code: int,
    message: str,
    *,
    kind: str = "OAuthException",
    subcode: int | None = None,
    is_transient: bool = False,
    for_people: str = "",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Meta's error object; `for_people` is its `error_user_msg`."""
    body: Json = {"message": f"(#{code}) {message}", "type": kind, "code": code, "fbtrace_id": TRACE}
    if subcode is not None:
        body["error_subcode"] = subcode
    if for_people:
        body |= {"error_user_title": "This cannot be saved", "error_user_msg": for_people}
    if is_transient:
        body["is_transient"] = True
    return Answer(json.dumps({"error": body}), status, headers or {})


def dead_token(subcode: int | None) -> Answer:
    """Error 190; without a subcode the token is not one that was ever given out."""
    reason = "Cannot parse access token" if subcode is None else "The session is no longer valid"
    return error(401, 190, f"Error validating access token: {reason}", subcode=subcode)


def not_visible(object_id: str) -> Answer:
    """Error 100/33: not there, or not for this token."""
    message = f"Object with ID '{object_id}' does not exist or cannot be loaded due to missing permissions"
    return error(400, 100, message, kind="GraphMethodException", subcode=33)


def bad_parameter(message: str, *, for_people: str = "") -> Answer:
    """Error 100; `for_people` is its `error_user_msg`."""
    return error(400, 100, message, for_people=for_people)


def lost() -> Answer:
    """A page of HTML from whatever stands before Meta."""
    page = "<!DOCTYPE html><html><title>Error</title><body>Sorry, something went wrong.</body></html>"
    return Answer(page, 502, {}, "text/html; charset=utf-8")


def failure(fault: Fault, object_id: str, business_manager_id: str, path: str = "") -> Answer | None:
    """The answer that stands instead of the real one; None for faults that only spoil the real one.

    `path` is the kind of call, as faults name it: each has a rate limit of its own.
    """
    transient = error(503, 2, "Service temporarily unavailable", is_transient=True)
    answers = {
        "rate_limit_app": _app_limit(),
        "rate_limit_user": _user_limit(fault.minutes),
        "rate_limit_buc": _business_limit(fault.minutes, business_manager_id, path),
        "dead_token": dead_token(fault.subcode),
        "server_error": transient,
        "html_error": lost(),
        "empty_body": Answer(""),
        "error_with_200": replace(transient, status=200),
        "success_false": success({"success": False}),
        "permission": error(403, 10, "Application does not have permission for this action"),
        "not_visible": not_visible(object_id),
    }
    return answers.get(fault.kind)


def echoed(words: str, *, on_a_page: bool = False) -> Answer:
    """An error that repeats what it was told, as an error object or as a page."""
    if on_a_page:
        return Answer(f"<!DOCTYPE html><html><body>Cannot serve {words}</body></html>", 502, {}, "text/html")
    return bad_parameter(f"Cannot serve {words}")


def truncated(answer: Answer) -> Answer:
    """The first half of an answer."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def _app_limit() -> Answer:
    usage = {"call_count": 100, "total_time": 25, "total_cputime": 25}
    return error(403, 4, "Application request limit reached", headers={"X-App-Usage": json.dumps(usage)})


def _user_limit(minutes: int) -> Answer:
    usage = {"acc_id_util_pct": 100, "reset_time_duration": minutes * 60, "ads_api_access_tier": "standard_access"}
    headers = {"X-Ad-Account-Usage": json.dumps(usage)}
    return error(400, 17, "User request limit reached", subcode=2446079, headers=headers)


def _business_limit(minutes: int, business_manager_id: str, path: str) -> Answer:
    code, kind = _BUSINESS_LIMITS.get(path, (80009, "catalog_management"))
    usage = {
        "type": kind,
        "call_count": 100,
        "total_cputime": 25,
        "total_time": 25,
        "estimated_time_to_regain_access": minutes,
        "ads_api_access_tier": "standard_access",
    }
    headers = {"X-Business-Use-Case-Usage": json.dumps({business_manager_id or "100000000000001": [usage]})}
    return error(400, code, f"There have been too many calls to this {kind} account", headers=headers)
