"""The tables are the specification's, row by row."""

import pytest

from mbe.catalog import (
    CHANNELS,
    FEATURE_TYPES,
    INTENTS,
    RECORDED_ONLY,
    VERTICALS,
    Intent,
    canonical_feature_type,
    menu,
    missing_features,
    needs_domain,
    scopes_for,
)
from mbe.text import Text

BOOKING = {
    "FB_SERVICES": ({"page_cta", "page_card", "catalog", "messenger_menu", "thread_intent"}, set()),
    "IG_SERVICES": ({"ig_cta", "catalog"}, set()),
    "MESSENGER_CHAT": ({"messenger_chat"}, set()),
    "CHECKBOX_PLUGIN": ({"checkbox_plugin"}, set()),
    "CHECKBOX_PLUGIN_MARKETING": ({"checkbox_plugin", "customer_data"}, set()),
    "CONVERSIONS_API": ({"pixel"}, {"ads"}),
    "ADS": ({"ads", "pixel"}, {"catalog"}),
}
SPECIFIED: dict[str, dict[str, tuple[set[str], set[str]]]] = {
    "ADS_TARGETING": {
        "ADS": ({"ads", "pixel"}, set()),
        "CATALOG_ADS": ({"ads", "pixel", "catalog"}, set()),
        "CONVERSIONS_API": ({"pixel"}, {"ads"}),
        "COLLABORATIVE_ADS": ({"collaborate_ads"}, set()),
    },
    "CREATIVE": {"CREATIVE": ({"creative"}, set()), "CREATIVE_WITH_ASSETS": ({"creative", "catalog"}, set())},
    "ECOMMERCE": {
        "FB_SERVICES": ({"fb_shop", "catalog", "page_cta", "thread_intent", "messenger_menu"}, {"ads"}),
        "IG_SERVICES": ({"ig_shopping", "catalog", "ig_cta"}, {"ads"}),
        "MESSENGER_CHAT": ({"messenger_chat"}, set()),
        "CHECKBOX_PLUGIN": ({"checkbox_plugin"}, set()),
        "CHECKBOX_PLUGIN_MARKETING": ({"checkbox_plugin", "customer_data"}, set()),
        "CONVERSIONS_API": ({"pixel"}, {"ads"}),
        "ADS": ({"ads", "pixel"}, {"catalog"}),
        "AR_COMMERCE": ({"ar_commerce", "catalog"}, set()),
        "IG_CREATORS_AS_SELLERS": ({"ig_creators_as_sellers"}, set()),
    },
    "APPOINTMENTS": BOOKING,
    "RESERVATIONS": BOOKING,
    "FOOD_AND_DRINK": {
        "CHECKBOX_PLUGIN": ({"checkbox_plugin"}, set()),
        "CHECKBOX_PLUGIN_MARKETING": ({"checkbox_plugin", "customer_data"}, set()),
        "CONVERSIONS_API": ({"pixel"}, {"ads"}),
        "ADS": ({"ads", "pixel", "catalog"}, set()),
    },
    "LEAD_ADS": {"LEAD_ADS": ({"lead_ads", "ads"}, set())},
    "MEASUREMENT_AND_OPTIMIZATION": {"CONVERSIONS_API": ({"pixel"}, {"ads"})},
    "MESSAGING": {},
    "DATA_INTEGRATION": {
        "CUSTOMER_DATA": ({"customer_data", "pixel"}, set()),
        "CUSTOM_AUDIENCE": ({"ads", "custom_audience"}, set()),
    },
}


def test_the_intents_are_exactly_the_specified_rows() -> None:
    table = {
        name: {intent.name: (set(intent.required), set(intent.optional)) for intent in vertical.intents}
        for name, vertical in VERTICALS.items()
    }
    assert table == SPECIFIED
    assert len(INTENTS) == 37


def test_the_customizable_features_are_the_six_of_the_specification() -> None:
    customizable = {name for name, feature in FEATURE_TYPES.items() if feature.is_customizable}
    assert customizable == {"page_cta", "ig_cta", "messenger_menu", "thread_intent", "page_card", "messenger_chat"}
    assert len(FEATURE_TYPES) == 21


def test_notices_of_pages_are_for_leads_and_messages() -> None:
    fields = {name: feature.page_fields for name, feature in FEATURE_TYPES.items() if feature.page_fields}
    assert fields == {
        "lead_ads": ("leadgen",),
        "messaging": (
            "messages",
            "messaging_postbacks",
            "messaging_optins",
            "message_deliveries",
            "message_reads",
        ),
    }


def test_the_features_without_a_public_api_are_three() -> None:
    closed = {name for name, feature in FEATURE_TYPES.items() if not feature.has_public_api}
    assert closed == {"ar_commerce", "ig_creators_as_sellers", "customer_data"}


def test_types_that_are_only_recorded_are_none_of_the_specification() -> None:
    assert RECORDED_ONLY == ("external_client", "page_shop", "page_post")
    assert not {canonical_feature_type(name) for name in RECORDED_ONLY} & set(FEATURE_TYPES)


@pytest.mark.parametrize("row", INTENTS.values(), ids=lambda row: f"{row.vertical}-{row.name}")
def test_each_intent_needs_known_features_and_speaks_both_languages(row: Intent) -> None:
    assert set(row.features) <= set(FEATURE_TYPES)
    assert not set(row.required) & set(row.optional)
    for text in (row.use_case, row.description):
        assert text.en and text.zh_hant
        assert text.en.isascii() and not text.zh_hant.isascii()


def test_every_feature_and_vertical_is_worded_in_both_languages() -> None:
    feature_texts = [text for feature in FEATURE_TYPES.values() for text in (feature.label, feature.description)]
    vertical_texts = [text for vertical in VERTICALS.values() for text in (vertical.label, vertical.use_case)]
    assert all(text.en and text.zh_hant for text in feature_texts + vertical_texts)


def test_the_same_intent_is_worded_by_vertical() -> None:
    use_cases = {
        vertical: INTENTS[vertical, "FB_SERVICES"].use_case.zh_hant
        for vertical in ("ECOMMERCE", "APPOINTMENTS", "RESERVATIONS")
    }
    assert use_cases == {
        "ECOMMERCE": "我想在 Facebook 上展示我的商品。",
        "APPOINTMENTS": "我想在 Facebook 上展示我的服務。",
        "RESERVATIONS": "我想在 Facebook 上展示預定服務。",
    }


@pytest.mark.parametrize(
    ("code", "expected"),
    [("zh-hant", "你好"), ("zh_TW", "你好"), ("ZH", "你好"), ("en", "Hi"), ("de", "Hi"), ("", "Hi")],
)
def test_a_text_comes_in_the_language_asked_for(code: str, expected: str) -> None:
    assert Text("Hi", "你好").in_language(code) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("page_cta", "page_cta"),
        ("page_ctas", "page_cta"),
        ("ig_ctas", "ig_cta"),
        ("ig_ceators_as_sellers", "ig_creators_as_sellers"),
        ("ig_creators_as_sellers", "ig_creators_as_sellers"),
        ("chat_plugin", "messenger_chat"),
        ("collaborative_ads", "collaborate_ads"),
        ("pixels", "pixel"),
        ("catalogs", "catalog"),
        ("ads", "ads"),
        ("PIXEL", "pixel"),
        ("page_posts", "page_posts"),
        ("Holo_Shop", "Holo_Shop"),
        ("", ""),
    ],
)
def test_spellings_of_a_type_become_one_and_unknown_ones_stay(raw: str, expected: str) -> None:
    assert canonical_feature_type(raw) == expected


@pytest.mark.parametrize("name", FEATURE_TYPES)
def test_a_canonical_type_is_its_own_spelling(name: str) -> None:
    assert canonical_feature_type(name) == name
    assert {canonical_feature_type(alias) for alias in FEATURE_TYPES[name].aliases} <= {name}


@pytest.mark.parametrize("vertical", VERTICALS)
def test_the_menu_of_an_app_that_offers_everything_is_the_whole_vertical(vertical: str) -> None:
    assert [(item.intent, item.features) for item in menu(vertical)] == [
        (intent, intent.features) for intent in VERTICALS[vertical].intents
    ]


@pytest.mark.parametrize(("vertical", "intent"), INTENTS)
def test_an_intent_leaves_the_menu_when_a_feature_it_needs_is_not_offered(vertical: str, intent: str) -> None:
    for feature in INTENTS[vertical, intent].required:
        offered = set(FEATURE_TYPES) - {feature}
        assert missing_features(vertical, intent, offered) == [feature]
        assert intent not in [item.intent.name for item in menu(vertical, offered)]


def test_an_optional_feature_that_is_not_offered_drops_out_of_the_menu() -> None:
    items = {item.intent.name: item.features for item in menu("ECOMMERCE", {"pixel", "ads"})}
    assert items == {"CONVERSIONS_API": ("pixel", "ads"), "ADS": ("ads", "pixel")}
    assert [item.features for item in menu("ECOMMERCE", {"pixel"})] == [("pixel",)]


def test_an_intent_is_satisfied_by_its_required_features() -> None:
    intent = INTENTS["ECOMMERCE", "ADS"]
    assert intent.is_satisfied_by({"ads", "pixel"})
    assert not intent.is_satisfied_by({"ads", "catalog"})


def test_the_marketing_checkbox_satisfies_its_intent_under_either_type() -> None:
    marketing, plain = INTENTS["ECOMMERCE", "CHECKBOX_PLUGIN_MARKETING"], INTENTS["ECOMMERCE", "CHECKBOX_PLUGIN"]
    for installed in ("checkbox_plugin", "checkbox_plugin_marketing"):
        assert marketing.is_satisfied_by({installed, "customer_data"})
    assert not plain.is_satisfied_by({"checkbox_plugin_marketing"})


def test_an_impossible_pair_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        missing_features("CREATIVE", "ADS", FEATURE_TYPES)
    with pytest.raises(KeyError):
        menu("BAKERY")


def test_scopes_start_with_the_base_scope_and_come_from_the_features() -> None:
    assert scopes_for("RESERVATIONS", "MESSENGER_CHAT", FEATURE_TYPES) == ["manage_business_extension"]
    assert scopes_for("CREATIVE", "CREATIVE_WITH_ASSETS", FEATURE_TYPES) == [
        "manage_business_extension",
        "business_creative_management",
        "catalog_management",
    ]


def test_an_optional_feature_asks_for_scopes_only_where_it_is_offered() -> None:
    assert "catalog_management" in scopes_for("ECOMMERCE", "ADS", {"ads", "pixel", "catalog"})
    assert "catalog_management" not in scopes_for("ECOMMERCE", "ADS", {"ads", "pixel"})


def test_scopes_without_an_intent_are_the_union_over_the_menu() -> None:
    offered = {"creative", "catalog"}
    assert set(scopes_for("CREATIVE", "", offered)) == {
        scope for intent in ("CREATIVE", "CREATIVE_WITH_ASSETS") for scope in scopes_for("CREATIVE", intent, offered)
    }
    assert scopes_for("CREATIVE", "", {"catalog"}) == ["manage_business_extension"]


def test_messaging_asks_for_the_scopes_of_its_unverified_features() -> None:
    assert not VERTICALS["MESSAGING"].is_verified
    assert "pages_messaging" in scopes_for("MESSAGING", "", FEATURE_TYPES)
    assert scopes_for("MESSAGING", "", {"thread_intent"}) == ["manage_business_extension"]


@pytest.mark.parametrize(
    ("vertical", "intent", "channel", "expected"),
    [
        ("ECOMMERCE", "CHECKBOX_PLUGIN", "", True),
        ("FOOD_AND_DRINK", "CHECKBOX_PLUGIN_MARKETING", "", True),
        ("ECOMMERCE", "ADS", "", False),
        ("ECOMMERCE", "", "", False),
        ("ECOMMERCE", "", "COMMERCE", True),
        ("ECOMMERCE", "ADS", "COMMERCE_OFFSITE", True),
        ("ECOMMERCE", "ADS", "FEED", False),
    ],
)
def test_a_domain_is_needed_by_checkbox_plugins_and_commerce_channels(
    vertical: str, intent: str, channel: str, expected: bool
) -> None:
    assert needs_domain(vertical, intent, channel) is expected


def test_channels_are_those_of_v2_each_once() -> None:
    assert len(CHANNELS) == len(set(CHANNELS))
    assert {"DEFAULT", "COMMERCE", "COMMERCE_OFFSITE", "FEED", "SIGNALS", "MARKETPLACE"} <= set(CHANNELS)
    assert not {"ADS", "IG_SERVICES", "COLLABORATIVE_ADS", "IG_SHOPPING"} & set(CHANNELS)
