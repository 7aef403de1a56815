"""What a login link asks for, read and checked the way Meta would."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from mbe.catalog import BASE_SCOPE, CHANNELS, INTENTS, VERTICALS, missing_features, needs_domain, scopes_for
from sandbox.model import Connection, Json, MetaApp

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PRESELECTED = ("ad_account_id", "pixel_id", "catalog_id", "commerce_merchant_settings_id", "ig_profile_id")
# The pixel and Conversions API flow asks for neither time zone nor currency (meta-api, 1.6).
_WITHOUT_ZONE = ("CONVERSIONS_API",)


class DialogRefused(Exception):
    """The link is wrong: Meta shows an error page of its own and never returns."""


@dataclass(frozen=True)
class DialogRequest:
    """A good login link; without `redirect_uri` the merchant started at Meta and stays there."""

    app: MetaApp
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    setup: Json
    business_config: Json
    use_minimal_onboarding: bool

    @property
    def external_business_id(self) -> str:
        """The partner's id of the business."""
        return str(self.setup["external_business_id"])

    @property
    def vertical(self) -> str:
        """The vertical that the link names."""
        return str(self.setup["business_vertical"])

    @property
    def intent(self) -> str:
        """The intent to begin with, or ""."""
        return str(self.setup.get("intent", ""))

    @property
    def channel(self) -> str:
        """v2's channel, or ""."""
        return str(self.setup.get("channel", ""))

    @property
    def business_name(self) -> str:
        """The business's name."""
        return str(self.business_config["business"]["name"])

    @property
    def preselected_assets(self) -> dict[str, str]:
        """Assets that the link asks to use."""
        return {name: str(self.setup[name]) for name in _PRESELECTED if self.setup.get(name)}

    @property
    def page_id(self) -> str:
        """The Page that the link asks to use, or ""."""
        return str(self.setup.get("page_id", ""))

    def check_against(self, connection: Connection | None) -> None:
        """Raise DialogRefused where the link names a portfolio or a Page that is not this business's."""
        manager = str(self.setup.get("business_manager_id", ""))
        if manager and (connection is None or connection.business_manager_id != manager):
            raise DialogRefused("extras.setup.business_manager_id is not the portfolio of this business.")
        if self.page_id and (connection is None or connection.page(self.page_id) is None):
            raise DialogRefused("extras.setup.page_id is not a Page of this business.")


def read_dialog_request(apps: Mapping[str, MetaApp], query: Mapping[str, str]) -> DialogRequest:
    """The link's request. Raises DialogRefused with what is wrong."""
    app = apps.get(query.get("client_id", ""))
    if app is None:
        raise DialogRefused("Invalid App ID: the client_id parameter is not the id of an app here.")
    redirect_uri = query.get("redirect_uri", "")
    _check_redirect_uri(redirect_uri)
    if query.get("response_type") != "code":
        raise DialogRefused('response_type must be "code".')
    scopes = tuple(scope for scope in query.get("scope", "").split(",") if scope)
    if BASE_SCOPE not in scopes:
        raise DialogRefused(f"scope must contain {BASE_SCOPE}.")
    return _asked(app, redirect_uri, query.get("state", ""), scopes, query.get("extras", ""))


def read_business_app_request(apps: Mapping[str, MetaApp], app_id: str, given_extras: Sequence[str]) -> DialogRequest:
    """What a merchant who started at Meta brings back from the partner: `extras`, once, and nothing else.

    The permissions are those that the entry point's features need. Raises DialogRefused with what is wrong.
    """
    app = apps.get(app_id)
    if app is None:
        raise DialogRefused("Invalid App ID: it is not the id of an app here.")
    if len(given_extras) != 1:
        raise DialogRefused("The partner must send the merchant back with extras, once.")
    asked = _asked(app, "", "", (), given_extras[0])
    return replace(asked, scopes=tuple(scopes_for(asked.vertical, asked.intent, app.features)))


def _asked(app: MetaApp, redirect_uri: str, state: str, scopes: tuple[str, ...], given_extras: str) -> DialogRequest:
    extras = _object(_parsed(given_extras), "extras")
    setup = _object(extras.get("setup"), "extras.setup")
    business_config = _object(extras.get("business_config"), "extras.business_config")
    if extras.get("repeat") is not False:
        raise DialogRefused("extras.repeat must be false.")
    _check_setup(app, setup)
    if not _object(business_config.get("business"), "extras.business_config.business").get("name"):
        raise DialogRefused("extras.business_config.business.name is required.")
    flow_config = _object(setup.get("flow_config", extras.get("flow_config", {})), "flow_config")
    is_minimal = flow_config.get("use_minimal_onboarding") is True and not app.is_v2
    return DialogRequest(app, redirect_uri, state, scopes, setup, business_config, is_minimal)


def _check_redirect_uri(redirect_uri: str) -> None:
    try:
        url = urlsplit(redirect_uri)
    except ValueError:
        url = urlsplit("")
    is_local = url.scheme == "http" and url.hostname in _LOOPBACK
    if not url.hostname or url.fragment or not (url.scheme == "https" or is_local):
        raise DialogRefused("URL blocked: redirect_uri must be an https address (http on this machine only).")


def _check_setup(app: MetaApp, setup: Json) -> None:
    vertical, intent, channel = (str(setup.get(key, "")) for key in ("business_vertical", "intent", "channel"))
    required = ["external_business_id", "business_vertical"]
    if intent not in _WITHOUT_ZONE and channel not in _WITHOUT_ZONE:
        required += ["timezone", "currency"]
    for name in required:
        if not isinstance(setup.get(name), str) or not setup[name]:
            raise DialogRefused(f"extras.setup.{name} is required.")
    if vertical not in VERTICALS:
        raise DialogRefused(f"extras.setup.business_vertical is unknown: {vertical}.")
    _check_intent(app, vertical, intent)
    if channel and channel not in CHANNELS:
        raise DialogRefused(f"extras.setup.channel is unknown: {channel}.")
    if needs_domain(vertical, intent, channel) and not setup.get("domain"):
        raise DialogRefused("extras.setup.domain is required for this flow.")
    _check_locale(setup)


def _check_intent(app: MetaApp, vertical: str, intent: str) -> None:
    if not intent:
        return
    if (vertical, intent) not in INTENTS:
        raise DialogRefused(f"extras.setup.intent {intent} does not belong to the vertical {vertical}.")
    if app.features is not None and (missing := missing_features(vertical, intent, app.features)):
        raise DialogRefused(f"The intent {intent} needs features that the app does not offer: {', '.join(missing)}.")


def _check_locale(setup: Json) -> None:
    timezone, currency = str(setup.get("timezone", "")), str(setup.get("currency", ""))
    if timezone and timezone not in _timezones():
        raise DialogRefused("extras.setup.timezone must be the name of a time zone.")
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise DialogRefused("extras.setup.currency must be an ISO 4217 code.")


@cache
def _timezones() -> set[str]:
    return available_timezones()


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise DialogRefused("extras is not JSON.") from None


def _object(value: Any, name: str) -> Json:
    if not isinstance(value, dict):
        raise DialogRefused(f"{name} is required and must be an object.")
    return value
