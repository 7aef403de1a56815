"""What a v2 connection has, by its channel and its assets: v2 answers list no features (meta-api, 1.7, 1.9 and 2.3).

Meta publishes no such table. Each row says where it comes from: a document of Meta's, public code, or a conclusion.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mbe.catalog import INTENTS

Mark = Literal["doc", "code-seen", "inferred"]

# Business Manager, Page and the like under the names of ``connected_assets``; v2's top level has some as lists.
_LISTS = {"page_id": "pages", "ig_profile_id": "instagram_profiles"}
_PREFIX = "implied"
_NO_CHANNEL = "DEFAULT"


@dataclass(frozen=True)
class Need:
    """What a feature stands on: there is one for each ``key`` asset, where the assets of ``also`` are there too.

    ``along`` are assets that it uses where they are granted. ``source`` says who says so.
    """

    key: str
    also: tuple[str, ...]
    along: tuple[str, ...]
    source: str

    @property
    def required(self) -> tuple[str, ...]:
        """The assets without which the feature is not there."""
        return (self.key, *self.also)


@dataclass(frozen=True)
class ChannelRow:
    """A v2 channel: the feature types that it sets up, each where its assets are granted, and who says so."""

    feature_types: tuple[str, ...]
    mark: Mark
    source: str


@dataclass(frozen=True)
class ImpliedFeature:
    """A feature that must be there though Meta does not list it; the id is ours, and the same for the same asset."""

    feature_instance_id: str
    feature_type: str
    connected_assets: dict[str, str]


def _need(key: str, source: str, *, also: str = "", along: str = "") -> Need:
    return Need(key, tuple(also.split()), tuple(along.split()), source)


_SHOP = "commerce_merchant_settings_id"

NEEDS: dict[str, Need] = {
    "page_cta": _need("page_id", "doc: D19, the button stands on a Page"),
    "ig_cta": _need("ig_profile_id", "doc: D19, the button stands on an Instagram profile"),
    "messenger_menu": _need("page_id", "doc: D19, the button of a Page's Messenger"),
    "thread_intent": _need("page_id", "doc: D19, threads of a Page"),
    "page_card": _need("page_id", "doc: D19, needs a catalog", also="catalog_id"),
    "messenger_chat": _need("page_id", "seed 7, takes the page_id"),
    "collaborate_ads": _need("catalog_id", "doc: D29, segments of a catalog"),
    "ar_commerce": _need("catalog_id", "seed 7, assets of a catalog"),
    "creative": _need("business_manager_id", "code-seen: C5, folders of a Business Manager"),
    "ig_creators_as_sellers": _need("ig_profile_id", "inferred: creators of Instagram"),
    "pixel": _need("pixel_id", "seed 5"),
    "catalog": _need("catalog_id", "seed 5"),
    "ads": _need("ad_account_id", "seed 5"),
    "fb_shop": _need(_SHOP, "code-seen: C1, the shop's commerce settings", along="catalog_id page_id"),
    "ig_shopping": _need(_SHOP, "code-seen: C2, inferred: and a profile", also="ig_profile_id", along="catalog_id"),
    "custom_audience": _need("ad_account_id", "doc: D27, audiences of an ad account"),
    "messaging": _need("page_id", "doc: D19, messages of a Page"),
    "lead_ads": _need("page_id", "doc: D26, forms of a Page", along="ad_account_id"),
    "customer_data": _need("business_manager_id", "inferred: closed beta, no asset of its own"),
    "checkbox_plugin": _need("page_id", "doc: D24, takes the page_id"),
    "checkbox_plugin_marketing": _need("page_id", "doc: D24, takes the page_id"),
}

# Types that Meta may list for one that a channel implies: v3 splits and renames what v2 held together.
_ALSO_CONFIRMED_BY = {
    "checkbox_plugin": ("checkbox_plugin_marketing",),  # seed 9: names the one, and the other satisfies it
    "checkbox_plugin_marketing": ("checkbox_plugin",),
    "fb_shop": ("page_shop",),  # code-seen C2: any of them is "shop installed"
}

# In v2 a channel sets up a catalog (D4, D9); in v3 it may be no more than an asset of a shop or a card (code-seen C1:
# a list with the shop and its catalog_id, without a catalog), and a catalog listed beside it may be another one.
_PART_OF_OTHERS = {"catalog": ("catalog_id", ("fb_shop", "page_shop", "ig_shopping", "page_card"))}

# The shops of one commerce account have its settings together (C2); Meta lists those that are there.
_SHOPS_OF_SETTINGS = ("fb_shop", "page_shop", "ig_shopping")


def _row(feature_types: str, mark: Mark, source: str) -> ChannelRow:
    return ChannelRow(tuple(feature_types.split()), mark, source)


_SHOPS = "fb_shop ig_shopping catalog pixel ads"
_AS_INTENT = "C7; the features of the intent of this name (seed 9)"

IMPLIED_BY_CHANNEL: dict[str, ChannelRow] = {
    # The Page of this flow is who the ads speak as, no feature; a shop's settings are there only with a shop.
    "DEFAULT": _row("pixel ads catalog fb_shop", "doc", "D4, D20: pixel, Page, ad account, catalog; the shop inferred"),
    "COMMERCE": _row(_SHOPS, "doc", "D4, D9"),
    "COMMERCE_OFFSITE": _row(_SHOPS, "doc", "D4, D9"),
    "FEED": _row("catalog pixel", "doc", "D4: a catalog fed by the partner; the pixel inferred"),
    "SIGNALS": _row("pixel", "doc", "D4: the signals of a site"),
    "MARKETPLACE": _row("collaborate_ads catalog", "inferred", "D19: marketplace, collaborative"),
    "CONVERSIONS_API": _row("pixel ads", "doc", "D23"),
    "CONVERSIONS_API_GATEWAY_ADVERTISER": _row("pixel", "doc", "the gateway's guide"),
    "CONVERSIONS_API_MINIMAL": _row("pixel", "inferred", "C7: the name"),
    "ADS_MINIMAL": _row("ads", "inferred", "C7: the name"),
    "CATALOG_ADS": _row("ads pixel catalog", "inferred", _AS_INTENT),
    "CHECKBOX_PLUGIN": _row("checkbox_plugin", "inferred", _AS_INTENT),
    "CHECKBOX_PLUGIN_MARKETING": _row("checkbox_plugin customer_data", "inferred", _AS_INTENT),
    "CREATIVE": _row("creative", "inferred", _AS_INTENT),
    "CREATIVE_WITH_ASSETS": _row("creative catalog", "inferred", _AS_INTENT),
    "CUSTOM_AUDIENCE": _row("ads custom_audience", "inferred", _AS_INTENT),
    "CUSTOMER_DATA": _row("customer_data pixel", "inferred", _AS_INTENT),
    # Of the two intents of this name, the assets tell which: a shop's settings, or a Page card's catalog.
    "FB_SERVICES": _row("fb_shop page_cta page_card catalog messenger_menu thread_intent", "inferred", _AS_INTENT),
    "AR_COMMERCE": _row("ar_commerce catalog", "inferred", _AS_INTENT),
    "IG_CREATORS_AS_SELLERS": _row("ig_creators_as_sellers", "inferred", _AS_INTENT),
    "LEAD_ADS": _row("lead_ads ads", "inferred", _AS_INTENT),
    "MESSENGER_CHAT": _row("messenger_chat", "inferred", _AS_INTENT),
    "MESSENGER_MARKETING": _row("messaging", "inferred", "C7: the name"),
    # No longer sent, but old connections were made with it.
    "IG_SHOPPING": _row("ig_shopping catalog", "doc", "D4: until v8.0"),
    "ECOMMERCE": _row(_SHOPS, "inferred", "D8: in one sample, a slip for COMMERCE"),
}

# [inferred] in meta-api, 1.7: nobody publishes it. A channel that is missing here has an intent of its own name.
_INTENTS_FOR_CHANNEL: dict[str, tuple[str, ...]] = {
    "DEFAULT": ("CATALOG_ADS", "ADS"),
    "FEED": ("CATALOG_ADS", "ADS"),
    "COMMERCE": ("FB_SERVICES", "IG_SERVICES"),
    "COMMERCE_OFFSITE": ("FB_SERVICES", "IG_SERVICES"),
    "ECOMMERCE": ("FB_SERVICES", "IG_SERVICES"),
    "IG_SHOPPING": ("IG_SERVICES",),
    "SIGNALS": ("CONVERSIONS_API",),
    "CONVERSIONS_API_MINIMAL": ("CONVERSIONS_API",),
    "CONVERSIONS_API_GATEWAY_ADVERTISER": ("CONVERSIONS_API",),
    "MARKETPLACE": ("COLLABORATIVE_ADS",),
    "ADS_MINIMAL": ("ADS",),
    "CATALOG_ADS": ("CATALOG_ADS", "ADS"),
    "MESSENGER_MARKETING": ("CHECKBOX_PLUGIN_MARKETING", "MESSENGER_CHAT"),
}


def intents_for_channel(vertical: str, channel: str) -> tuple[str, ...]:
    """Suggest intents of a vertical for an entry point that sent this v2 channel, the likeliest first; perhaps none."""
    known = channel.strip().upper() or _NO_CHANNEL
    return tuple(each for each in _INTENTS_FOR_CHANNEL.get(known, (known,)) if (vertical, each) in INTENTS)


def is_known_channel(channel: str) -> bool:
    """Say whether there is a row for this channel; none is known, too: the default one is meant."""
    return (channel.strip().upper() or _NO_CHANNEL) in IMPLIED_BY_CHANNEL


def implied_types(channel: str) -> tuple[str, ...]:
    """The feature types that a channel sets up; none, and one that nobody knows, count as the default channel."""
    known = channel.strip().upper() if is_known_channel(channel) else ""
    return IMPLIED_BY_CHANNEL[known or _NO_CHANNEL].feature_types


def implied_features(
    channel: str, assets: Mapping[str, Any], enabled: Collection[str] = ()
) -> tuple[ImpliedFeature, ...]:
    """List the features that a v2 connection has, by its channel and the top-level assets of the installs API.

    ``enabled``: types that Meta's feature configuration calls enabled, which are there whatever the channel. Each
    feature is there only where its assets are granted; one of a Page is there for each Page.
    """
    types = dict.fromkeys((*implied_types(channel), *(each for each in enabled if each in NEEDS)))
    return tuple(feature for each in types for feature in _features(each, assets))


def confirms(implied_type: str, implied_assets: Mapping[str, Any], listed_type: str, listed: Mapping[str, Any]) -> bool:
    """Say whether a feature that Meta lists, by its type and own assets, is the one that was implied.

    The assets that the implied one stands on must be the listed one's; what Meta does not name contradicts nothing,
    as long as it names one of them.
    """
    if not is_kin(implied_type, listed_type):
        return False
    named = [key for key in _required(implied_type, implied_assets) if key in listed]
    return bool(named) and all(listed[key] == implied_assets.get(key) for key in named)


def may_be(
    implied_type: str,
    implied_assets: Mapping[str, Any],
    listed_type: str,
    listed: Mapping[str, Any],
    shared: Mapping[str, Any],
) -> bool:
    """Say whether nothing contradicts that a feature that Meta lists is the one that was implied.

    Meta may name none of its assets (meta-api, 11, row 6); then ``shared``, the top-level ones, have a say.
    """
    if not is_kin(implied_type, listed_type) or contradicts(implied_assets, listed):
        return False
    granted = {key: _ids(shared, key) for key in _required(implied_type, implied_assets)}
    return all(implied_assets.get(key) in ids for key, ids in granted.items() if ids)


def contradicts(implied_assets: Mapping[str, Any], listed: Mapping[str, Any]) -> bool:
    """Say whether a listed feature names another asset where the implied one has one."""
    return any(listed[key] != value for key, value in implied_assets.items() if key in listed)


def is_kin(implied_type: str, listed_type: str) -> bool:
    """Say whether Meta may list the one type for the other, whatever the assets."""
    return listed_type == implied_type or listed_type in _ALSO_CONFIRMED_BY.get(implied_type, ())


def is_part_of(
    implied_type: str, implied_assets: Mapping[str, Any], listed_type: str, listed: Mapping[str, Any]
) -> bool:
    """Say whether the implied feature is an asset of a listed one of another type, in which it goes on."""
    key, holders = _PART_OF_OTHERS.get(implied_type, ("", ()))
    return listed_type in holders and listed.get(key) is not None and listed[key] == implied_assets.get(key)


def is_other_shop(
    implied_type: str, implied_assets: Mapping[str, Any], listed_type: str, listed: Mapping[str, Any]
) -> bool:
    """Say whether Meta lists the shop's settings with the other kind of shop than the implied one."""
    if implied_type not in _SHOPS_OF_SETTINGS or listed_type not in _SHOPS_OF_SETTINGS:
        return False
    return not is_kin(implied_type, listed_type) and _SHOP in listed and listed[_SHOP] == implied_assets.get(_SHOP)


def _required(implied_type: str, implied_assets: Mapping[str, Any]) -> tuple[str, ...]:
    return NEEDS[implied_type].required if implied_type in NEEDS else tuple(implied_assets)


def _features(feature_type: str, assets: Mapping[str, Any]) -> Iterator[ImpliedFeature]:
    need = NEEDS[feature_type]
    others = {key: ids[0] for key in (*need.also, *need.along) if (ids := _ids(assets, key))}
    if not all(key in others for key in need.also):
        return
    for each in _ids(assets, need.key):
        yield ImpliedFeature(f"{_PREFIX}:{feature_type}:{each}", feature_type, {need.key: each, **others})


def _ids(assets: Mapping[str, Any], key: str) -> list[str]:
    value = assets.get(key) or assets.get(_LISTS.get(key, "")) or []
    ids = value if isinstance(value, list) else [value]
    return [each for each in ids if isinstance(each, str)]
