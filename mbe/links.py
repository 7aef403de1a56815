"""The addresses that lead a merchant to Meta, and what comes back from there (mbe-v3, 3 and 4; meta-api, 1 and 6)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode, urljoin

from mbe.masking import scrub

_MAX_MESSAGE = 500
V2_MANAGEMENT_PATH = "/facebook_business_extension/management/"
_LEAST_SECRET = 8


@dataclass(frozen=True)
class LoginReturn:
    """What the dialog sent back: a code, a cancellation, an error, or nothing of these."""

    kind: Literal["code", "cancelled", "error", "empty"]
    state: str = field(repr=False)
    code: str = field(repr=False)
    error_code: str
    error_message: str


def build_extras(
    *,
    external_business_id: str,
    business_name: str,
    business_vertical: str,
    timezone: str,
    currency: str,
    use_minimal_onboarding: bool,
    intent: str = "",
    channel: str = "",
    domain: str = "",
    business_config: Mapping[str, Any] | None = None,
    preselected: Mapping[str, str] | None = None,
    flow_config_in: Literal["setup", "extras"] = "setup",
) -> dict[str, Any]:
    """Give the dialog's ``extras`` (meta-api, 1.5 to 1.9) with Meta's keys and no others; empty values are left out.

    ``business_vertical`` is the value for the wire, ``timezone`` an IANA name, ``currency`` ISO 4217, ``domain`` an
    origin. ``channel`` goes along only where the v2 interface is kept. ``business_config`` holds the CTA defaults,
    ``preselected`` ids of assets by Meta's words for them in ``setup``.
    """
    flow_config = {"use_minimal_onboarding": use_minimal_onboarding}
    setup: dict[str, Any] = {
        "external_business_id": external_business_id,
        "timezone": timezone,
        "currency": currency,
        "business_vertical": business_vertical,
        "intent": intent,
        "channel": "" if use_minimal_onboarding else channel,
        "domain": domain,
        **(preselected or {}),
        "flow_config": flow_config if flow_config_in == "setup" else None,
    }
    extras: dict[str, Any] = {
        "setup": {key: value for key, value in setup.items() if value},
        "business_config": {**(business_config or {}), "business": {"name": business_name}},
        "repeat": False,
    }
    return extras if flow_config_in == "setup" else {**extras, "flow_config": flow_config}


def login_url(
    dialog_url: str,
    *,
    client_id: str,
    redirect_uri: str,
    state: str,
    scopes: Sequence[str],
    extras: Mapping[str, Any],
) -> str:
    """Give the address of the login dialog in the code flow (meta-api, 1.1)."""
    parameters = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "display": "page",
        "scope": ",".join(scopes),
        "state": state,
        "extras": json.dumps(extras, separators=(",", ":")),
    }
    return _with_query(dialog_url, parameters)


def back_to_meta(redirect_uri: str, extras: Mapping[str, Any]) -> str:
    """Give the address of Meta's dialog for a merchant who started at Meta: their ``redirect_uri`` with our ``extras``.

    Whoever calls this has checked that the address is Meta's (meta-api, 1.11).
    """
    return with_parameter(redirect_uri, "extras", json.dumps(extras, separators=(",", ":")))


def with_parameter(url: str, name: str, value: str) -> str:
    """Add a parameter to the query of an address, before its fragment; the rest stays byte for byte."""
    address, mark, fragment = url.partition("#")
    joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode({name: value})}{mark}{fragment}"


def management_url(
    base_url: str, *, app_id: str, external_business_id: str, business_manager_id: str, page_id: str
) -> str:
    """Give the address of the management view (mbe-v3, section 4). It needs a Page: without one there is no link."""
    parameters = {
        "asset_id": page_id,
        "business_id": business_manager_id,
        "app_id": app_id,
        "external_business_id": external_business_id,
    }
    return _with_query(base_url, parameters)


def v2_management_url(dialog_url: str, *, app_id: str, external_business_id: str) -> str:
    """Give the address of v2's management view (meta-api, section 6), on the host of the login dialog.

    It names no Page and no Business Manager.
    """
    return _with_query(
        urljoin(dialog_url, V2_MANAGEMENT_PATH), {"app_id": app_id, "external_business_id": external_business_id}
    )


def parse_return(query: Mapping[str, str]) -> LoginReturn:
    """Read the query with which the dialog returns (meta-api, 1.3).

    Texts hold printable characters only; errors are for people to read, and hold no secrets.
    """
    values = {key: _printable(query.get(key, "")) for key in _RETURN_KEYS}
    error_code = values["error_code"] or values["error"]
    message = values["error_message"] or values["error_description"]
    kind: Literal["code", "cancelled", "error", "empty"] = "empty"
    if values["error"] == "access_denied" or values["error_reason"] == "user_denied":
        kind = "cancelled"
    elif error_code or message:
        kind = "error"
    elif values["code"]:
        kind = "code"
    # What is shorter is no secret, and stands in any text.
    secrets = [values[key] for key in ("state", "code") if len(values[key]) >= _LEAST_SECRET]
    return LoginReturn(
        kind=kind,
        state=values["state"],
        code=values["code"] if kind == "code" else "",
        error_code=scrub(error_code, secrets)[:64],
        error_message=scrub(message, secrets)[:_MAX_MESSAGE],
    )


_RETURN_KEYS = ("state", "code", "error", "error_reason", "error_description", "error_code", "error_message")


def _printable(value: str) -> str:
    return "".join(filter(str.isprintable, value)).removesuffix("#_=_")


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"
