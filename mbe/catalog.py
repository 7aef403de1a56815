"""The specification's tables as data: feature types, verticals, and the intents of each vertical (mbe-v3, 7 to 9)."""

from collections.abc import Collection
from dataclasses import dataclass

from mbe.feature_texts import FEATURE_DESCRIPTIONS, FEATURE_LABELS
from mbe.intent_texts import INTENT_TEXTS, INTENT_TEXTS_BY_VERTICAL, VERTICAL_LABELS, VERTICAL_USE_CASES
from mbe.text import Text as Text

BASE_SCOPE = "manage_business_extension"


@dataclass(frozen=True)
class FeatureType:
    """A row of mbe-v3, section 7.

    ``is_customizable``: settings can be read and written through the feature configuration API. ``scopes``: what it
    needs beyond the base scope (meta-api, 1.4 and 9). ``needs_domain``: the business's domain goes in ``setup``.
    ``page_fields``: what of the Page's notices it needs (meta-api, 9). ``has_public_api``: Meta documents calls for it.
    """

    name: str
    label: Text
    description: Text
    is_customizable: bool
    scopes: tuple[str, ...]
    needs_domain: bool
    aliases: tuple[str, ...]
    page_fields: tuple[str, ...]
    has_public_api: bool


@dataclass(frozen=True)
class Intent:
    """A row of mbe-v3, section 9: what one use case of one vertical turns on."""

    vertical: str
    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    use_case: Text
    description: Text

    @property
    def features(self) -> tuple[str, ...]:
        """Required features, then optional ones."""
        return self.required + self.optional

    @property
    def needs_domain(self) -> bool:
        """Whether a required feature needs the business's domain."""
        return any(FEATURE_TYPES[feature].needs_domain for feature in self.required)

    def lacks(self, installed: Collection[str]) -> list[str]:
        """List what the intent requires and these canonical types do not hold."""
        equals = {"checkbox_plugin_marketing": "checkbox_plugin"} if self.name == "CHECKBOX_PLUGIN_MARKETING" else {}
        held = {*installed, *(equals.get(feature, feature) for feature in installed)}
        return [feature for feature in self.required if feature not in held]

    def is_satisfied_by(self, installed: Collection[str]) -> bool:
        """Say whether these canonical types hold all that the intent requires."""
        return not self.lacks(installed)


@dataclass(frozen=True)
class Vertical:
    """A row of mbe-v3, section 8.

    ``is_verified``: Meta documents the wire value. ``unverified_features``: what a vertical without intents offers, by
    the specification's highlights.
    """

    name: str
    label: Text
    use_case: Text
    is_verified: bool
    intents: tuple[Intent, ...]
    unverified_features: tuple[str, ...]


@dataclass(frozen=True)
class MenuItem:
    """An intent as the feature menu offers it: ``features`` are the required ones and the optional ones offered."""

    intent: Intent
    features: tuple[str, ...]


def _feature(
    name: str,
    scopes: str = "",
    *,
    is_customizable: bool = False,
    needs_domain: bool = False,
    aliases: str = "",
    page_fields: str = "",
    has_public_api: bool = True,
) -> FeatureType:
    return FeatureType(
        name=name,
        label=FEATURE_LABELS[name],
        description=FEATURE_DESCRIPTIONS[name],
        is_customizable=is_customizable,
        scopes=tuple(scopes.split()),
        needs_domain=needs_domain,
        aliases=tuple(aliases.split()),
        page_fields=tuple(page_fields.split()),
        has_public_api=has_public_api,
    )


_COMMERCE = "ads_management catalog_management instagram_basic"
_MESSAGING = (
    "ads_management ads_read business_management page_events pages_manage_ads pages_manage_metadata pages_messaging "
    "pages_show_list"
)
_LEADS = "ads_management leads_retrieval pages_manage_ads pages_manage_metadata pages_read_engagement pages_show_list"
_NOTICES_OF_MESSAGES = "messages messaging_postbacks messaging_optins message_deliveries message_reads"

# Pixel and Conversions API are two rows of the specification with one type.
FEATURE_TYPES: dict[str, FeatureType] = {
    feature.name: feature
    for feature in (
        _feature("page_cta", is_customizable=True, aliases="page_ctas"),
        _feature("ig_cta", is_customizable=True, aliases="ig_ctas"),
        _feature("messenger_menu", is_customizable=True),
        _feature("thread_intent", is_customizable=True),
        _feature("page_card", "catalog_management", is_customizable=True),
        _feature("messenger_chat", is_customizable=True, aliases="chat_plugin"),
        _feature(
            "collaborate_ads", "ads_management business_management catalog_management", aliases="collaborative_ads"
        ),
        _feature("ar_commerce", "catalog_management", has_public_api=False),
        _feature("creative", "business_creative_management"),
        _feature("ig_creators_as_sellers", aliases="ig_ceators_as_sellers", has_public_api=False),
        _feature("pixel", "ads_management ads_read pages_read_engagement"),
        _feature("catalog", "catalog_management"),
        _feature("ads", "ads_management ads_read"),
        _feature("fb_shop", _COMMERCE),
        _feature("ig_shopping", _COMMERCE),
        _feature("custom_audience", "ads_management"),
        _feature("messaging", _MESSAGING, page_fields=_NOTICES_OF_MESSAGES),
        _feature("lead_ads", _LEADS, page_fields="leadgen"),
        _feature("customer_data", has_public_api=False),
        _feature("checkbox_plugin", "pages_messaging", needs_domain=True),
        _feature("checkbox_plugin_marketing", "pages_messaging", needs_domain=True),
    )
}

# Types that Meta was seen to install and the specification does not have (meta-api, 9, last row): record and show only.
RECORDED_ONLY = ("external_client", "page_shop", "page_post")

_ALIASES = {alias: feature.name for feature in FEATURE_TYPES.values() for alias in feature.aliases}

# vertical, intent, required features, optional features
_BOOKING_ROWS = (
    ("FB_SERVICES", "page_cta page_card catalog messenger_menu thread_intent", ""),
    ("IG_SERVICES", "ig_cta catalog", ""),
    ("MESSENGER_CHAT", "messenger_chat", ""),
    ("CHECKBOX_PLUGIN", "checkbox_plugin", ""),
    ("CHECKBOX_PLUGIN_MARKETING", "checkbox_plugin customer_data", ""),
    ("CONVERSIONS_API", "pixel", "ads"),
    ("ADS", "ads pixel", "catalog"),
)
_ROWS = (
    ("ADS_TARGETING", "ADS", "ads pixel", ""),
    ("ADS_TARGETING", "CATALOG_ADS", "ads pixel catalog", ""),
    ("ADS_TARGETING", "CONVERSIONS_API", "pixel", "ads"),
    ("ADS_TARGETING", "COLLABORATIVE_ADS", "collaborate_ads", ""),
    ("CREATIVE", "CREATIVE", "creative", ""),
    ("CREATIVE", "CREATIVE_WITH_ASSETS", "creative catalog", ""),
    ("ECOMMERCE", "FB_SERVICES", "fb_shop catalog page_cta thread_intent messenger_menu", "ads"),
    ("ECOMMERCE", "IG_SERVICES", "ig_shopping catalog ig_cta", "ads"),
    ("ECOMMERCE", "MESSENGER_CHAT", "messenger_chat", ""),
    ("ECOMMERCE", "CHECKBOX_PLUGIN", "checkbox_plugin", ""),
    ("ECOMMERCE", "CHECKBOX_PLUGIN_MARKETING", "checkbox_plugin customer_data", ""),
    ("ECOMMERCE", "CONVERSIONS_API", "pixel", "ads"),
    ("ECOMMERCE", "ADS", "ads pixel", "catalog"),
    ("ECOMMERCE", "AR_COMMERCE", "ar_commerce catalog", ""),
    ("ECOMMERCE", "IG_CREATORS_AS_SELLERS", "ig_creators_as_sellers", ""),
    *(("APPOINTMENTS", *row) for row in _BOOKING_ROWS),
    *(("RESERVATIONS", *row) for row in _BOOKING_ROWS),
    ("FOOD_AND_DRINK", "CHECKBOX_PLUGIN", "checkbox_plugin", ""),
    ("FOOD_AND_DRINK", "CHECKBOX_PLUGIN_MARKETING", "checkbox_plugin customer_data", ""),
    ("FOOD_AND_DRINK", "CONVERSIONS_API", "pixel", "ads"),
    ("FOOD_AND_DRINK", "ADS", "ads pixel catalog", ""),
    ("LEAD_ADS", "LEAD_ADS", "lead_ads ads", ""),
    ("MEASUREMENT_AND_OPTIMIZATION", "CONVERSIONS_API", "pixel", "ads"),
    ("DATA_INTEGRATION", "CUSTOMER_DATA", "customer_data pixel", ""),
    ("DATA_INTEGRATION", "CUSTOM_AUDIENCE", "ads custom_audience", ""),
)


def _intent(vertical: str, name: str, required: str, optional: str) -> Intent:
    use_case, description = INTENT_TEXTS_BY_VERTICAL.get((vertical, name)) or INTENT_TEXTS[name]
    return Intent(vertical, name, tuple(required.split()), tuple(optional.split()), use_case, description)


INTENTS: dict[tuple[str, str], Intent] = {(row[0], row[1]): _intent(*row) for row in _ROWS}

_UNVERIFIED_FEATURES = {"MESSAGING": ("messaging", "messenger_chat", "thread_intent")}
_UNVERIFIED_VERTICALS = ("MESSAGING", "DATA_INTEGRATION")

VERTICALS: dict[str, Vertical] = {
    name: Vertical(
        name=name,
        label=label,
        use_case=VERTICAL_USE_CASES[name],
        is_verified=name not in _UNVERIFIED_VERTICALS,
        intents=tuple(intent for intent in INTENTS.values() if intent.vertical == name),
        unverified_features=_UNVERIFIED_FEATURES.get(name, ()),
    )
    for name, label in VERTICAL_LABELS.items()
}

# v2's channels (meta-api, 1.7), sent only where the v2 interface is kept
CHANNELS: tuple[str, ...] = (
    "DEFAULT",
    "COMMERCE",
    "COMMERCE_OFFSITE",
    "FEED",
    "SIGNALS",
    "MARKETPLACE",
    "CONVERSIONS_API",
    "CONVERSIONS_API_GATEWAY_ADVERTISER",
    "CONVERSIONS_API_MINIMAL",
    "ADS_MINIMAL",
    "CATALOG_ADS",
    "CHECKBOX_PLUGIN",
    "CHECKBOX_PLUGIN_MARKETING",
    "CREATIVE",
    "CREATIVE_WITH_ASSETS",
    "CUSTOM_AUDIENCE",
    "CUSTOMER_DATA",
    "FB_SERVICES",
    "AR_COMMERCE",
    "IG_CREATORS_AS_SELLERS",
    "LEAD_ADS",
    "MESSENGER_CHAT",
    "MESSENGER_MARKETING",
)
_CHANNELS_WITH_DOMAIN = ("COMMERCE", "COMMERCE_OFFSITE", "CHECKBOX_PLUGIN", "CHECKBOX_PLUGIN_MARKETING")


def canonical_feature_type(raw: str) -> str:
    """Give the catalog's word for a type as Meta wrote it: other spellings, plurals and capitals are known here.

    A type that the catalog does not know comes back unchanged.
    """
    word = raw.strip().lower()
    for candidate in (word, _ALIASES.get(word, ""), word.removesuffix("s")):
        if candidate in FEATURE_TYPES:
            return candidate
    return raw


def menu(vertical: str, offered: Collection[str] | None = None) -> list[MenuItem]:
    """List what the feature menu shows for an app that offers these types (None: every type), in the table's order.

    An intent is there when all its required features are offered. Raises KeyError for an unknown vertical.
    """
    types = FEATURE_TYPES if offered is None else offered
    return [
        MenuItem(intent, intent.required + tuple(feature for feature in intent.optional if feature in types))
        for intent in VERTICALS[vertical].intents
        if not missing_features(vertical, intent.name, types)
    ]


def missing_features(vertical: str, intent: str, offered: Collection[str]) -> list[str]:
    """List the intent's required features that the app does not offer. Raises KeyError for an impossible pair."""
    return [feature for feature in INTENTS[vertical, intent].required if feature not in offered]


def scopes_for(vertical: str, intent: str, offered: Collection[str] | None = None) -> list[str]:
    """List the permissions to ask for: the base one, then what the features need, sorted.

    With an intent: its required features and the optional ones offered. Without: all that the vertical's menu offers.
    """
    types = FEATURE_TYPES if offered is None else offered
    if intent:
        entry = INTENTS[vertical, intent]
        features = {*entry.required, *(feature for feature in entry.optional if feature in types)}
    else:
        features = {feature for item in menu(vertical, types) for feature in item.features}
        features.update(feature for feature in VERTICALS[vertical].unverified_features if feature in types)
    return [BASE_SCOPE, *sorted({scope for feature in features for scope in FEATURE_TYPES[feature].scopes})]


def needs_domain(vertical: str, intent: str, channel: str) -> bool:
    """Say whether the login needs the business's domain: for the intent's features, or for a channel that is sent."""
    return (bool(intent) and INTENTS[vertical, intent].needs_domain) or channel in _CHANNELS_WITH_DOMAIN
