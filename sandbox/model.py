"""What the sandbox remembers: apps, connections with their features, tokens and login codes."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class MetaApp:
    """A partner's Meta app; `features` None means every type of the specification is offered.

    `auth_url` is opened when a merchant starts at Meta; empty means the portal's own, beside the callback.
    `mbe_version` is "v2" or "v3": of v2, answers and notices name assets and no installed features.
    `page_fields` are the fields that the app is subscribed to, by Page: one subscription, whichever business asked.
    """

    app_id: str
    app_secret: str
    name: str = ""
    callback_url: str = ""
    verify_token: str = ""
    features: list[str] | None = None
    auth_url: str = ""
    mbe_version: str = "v3"
    page_fields: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_v2(self) -> bool:
        """Whether Meta still answers this app as in v2."""
        return self.mbe_version == "v2"


@dataclass
class Page:
    """A Facebook Page of the merchant, with the Instagram profile that belongs to it."""

    page_id: str
    name: str
    ig_profile_id: str


@dataclass
class Feature:
    """One installed feature instance.

    `sources` says what keeps it: `VERTICAL/INTENT` for each choice in the dialog, `added` for the management view and
    the control API. A feature without sources is removed.
    """

    feature_instance_id: str
    feature_type: str
    connected_assets: dict[str, str]
    additional_info: Json
    enabled: bool
    settings: Json
    sources: list[str]


@dataclass
class Connection:
    """One business on one app. `pages` are all that the merchant has, `chosen_pages` those given to the app.

    `top_level` overrides what the installs API says at its top level (a stale pixel, say).
    `withheld_scopes` are the permissions that the merchant did not grant; `objects` is what is remembered about single
    assets by their id: a pixel's events, the status of an ad account. `leaving` is what an app has uninstalled and is
    still there, by feature instance id ("" for all): for how many `reads`, and until when in unix seconds.
    """

    app_id: str
    external_business_id: str
    name: str
    business_manager_id: str
    user_id: str
    pages: list[Page]
    chosen_pages: list[str] = field(default_factory=list)
    assets: dict[str, str] = field(default_factory=dict)
    features: list[Feature] = field(default_factory=list)
    flow: str = ""
    is_connected: bool = False
    top_level: Json = field(default_factory=dict)
    withheld_scopes: list[str] = field(default_factory=list)
    objects: dict[str, Json] = field(default_factory=dict)
    leaving: dict[str, Json] = field(default_factory=dict)

    def page(self, page_id: str) -> Page | None:
        """The merchant's Page with that id."""
        return next((page for page in self.pages if page.page_id == page_id), None)

    def page_of(self, feature: Feature) -> Page | None:
        """The Page that the instance is on, or whose Instagram profile it is on."""
        ids = (feature.connected_assets.get("page_id"), feature.connected_assets.get("ig_profile_id"))
        return next((page for page in self.pages if page.page_id in ids or page.ig_profile_id in ids), None)

    def feature(self, feature_instance_id: str) -> Feature | None:
        """The installed instance with that id."""
        return next((one for one in self.features if one.feature_instance_id == feature_instance_id), None)


@dataclass
class AccessToken:
    """A token of one connection. `expires_at` is in unix seconds, 0 = never; `dead_subcode` set = error 190 with it.

    `page_id` is the Page that a token of kind PAGE speaks for. Access to data ends with the token, unless it
    `has_lost_data_access` before.
    """

    token: str
    app_id: str
    external_business_id: str
    kind: str
    scopes: list[str]
    issued_at: int
    expires_at: int = 0
    dead_subcode: int | None = None
    page_id: str = ""
    has_lost_data_access: bool = False


@dataclass
class LoginCode:
    """A login code: good once, for one app and exactly one redirect_uri, until `expires_at` (unix seconds)."""

    code: str
    app_id: str
    external_business_id: str
    redirect_uri: str
    scopes: list[str]
    expires_at: float
