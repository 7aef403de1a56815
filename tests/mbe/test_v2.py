"""What a v2 connection has, and which intents suit its channel."""

from collections.abc import Mapping

import pytest

from mbe.catalog import CHANNELS, FEATURE_TYPES, INTENTS, RECORDED_ONLY, VERTICALS
from mbe.v2 import (
    IMPLIED_BY_CHANNEL,
    NEEDS,
    confirms,
    implied_features,
    intents_for_channel,
    is_kin,
    is_other_shop,
    is_part_of,
    may_be,
)

EVERYTHING = {
    "business_manager_id": "1",
    "ad_account_id": "2",
    "catalog_id": "3",
    "pixel_id": "4",
    "commerce_merchant_settings_id": "5",
    "pages": ["6"],
    "instagram_profiles": ["7"],
    "profiles": ["6", "7"],
}


def types_of(channel: str, assets: Mapping[str, object], enabled: tuple[str, ...] = ()) -> list[str]:
    return [each.feature_type for each in implied_features(channel, assets, enabled)]


def test_every_channel_has_its_row() -> None:
    assert set(CHANNELS) <= set(IMPLIED_BY_CHANNEL)


def test_every_feature_type_says_what_it_stands_on_and_who_says_so() -> None:
    assert set(NEEDS) == set(FEATURE_TYPES)
    assert all(need.source.startswith(("doc", "seed", "code-seen", "inferred")) for need in NEEDS.values())


@pytest.mark.parametrize("channel", IMPLIED_BY_CHANNEL)
def test_a_channel_with_all_assets_implies_its_row_and_without_any_nothing(channel: str) -> None:
    row = IMPLIED_BY_CHANNEL[channel]
    assert row.source
    assert types_of(channel, EVERYTHING) == list(row.feature_types)
    assert implied_features(channel, {}) == ()


@pytest.mark.parametrize("channel", IMPLIED_BY_CHANNEL)
def test_a_feature_is_implied_only_with_every_asset_it_stands_on(channel: str) -> None:
    names = {"page_id": "pages", "ig_profile_id": "instagram_profiles"}
    for feature_type in IMPLIED_BY_CHANNEL[channel].feature_types:
        for key in NEEDS[feature_type].required:
            left = {name: value for name, value in EVERYTHING.items() if name != names.get(key, key)}
            assert feature_type not in types_of(channel, left)


@pytest.mark.parametrize(
    ("channel", "assets", "implied"),
    [
        ("", {"pixel_id": "4", "pages": ["6"]}, {"implied:pixel:4": {"pixel_id": "4"}}),
        ("DEFAULT", {"ad_account_id": "2"}, {"implied:ads:2": {"ad_account_id": "2"}}),
        ("SOMETHING_NEW", {"catalog_id": "3"}, {"implied:catalog:3": {"catalog_id": "3"}}),
        ("signals", EVERYTHING, {"implied:pixel:4": {"pixel_id": "4"}}),
        (
            "COMMERCE",
            {"commerce_merchant_settings_id": "5", "pages": ["6"]},
            {"implied:fb_shop:5": {"commerce_merchant_settings_id": "5", "page_id": "6"}},
        ),
        (
            "MESSENGER_CHAT",
            {"pages": ["6", "8"]},
            {"implied:messenger_chat:6": {"page_id": "6"}, "implied:messenger_chat:8": {"page_id": "8"}},
        ),
    ],
)
def test_implied_features_have_their_assets_and_an_id_of_the_asset(
    channel: str, assets: dict[str, object], implied: dict[str, dict[str, str]]
) -> None:
    found = implied_features(channel, assets)
    assert {each.feature_instance_id: each.connected_assets for each in found} == implied


def test_what_the_configuration_calls_enabled_is_there_whatever_the_channel() -> None:
    assert types_of("SIGNALS", EVERYTHING, ("page_cta", "invented")) == ["pixel", "page_cta"]
    assert types_of("SIGNALS", {"pixel_id": "4"}, ("page_cta",)) == ["pixel"]


def test_a_listed_feature_confirms_the_implied_one_by_type_and_assets() -> None:
    assert confirms("pixel", {"pixel_id": "4"}, "pixel", {"pixel_id": "4", "page_id": "9"})
    assert not confirms("pixel", {"pixel_id": "4"}, "pixel", {"pixel_id": "40"})
    assert not confirms("pixel", {"pixel_id": "4"}, "pixel", {"page_id": "9"})
    assert not confirms("pixel", {"pixel_id": "4"}, "ads", {"pixel_id": "4"})
    assert confirms("page_card", {"page_id": "6", "catalog_id": "3"}, "page_card", {"page_id": "6"})
    assert confirms(
        "fb_shop", {"commerce_merchant_settings_id": "5"}, "page_shop", {"commerce_merchant_settings_id": "5"}
    )
    assert confirms("checkbox_plugin", {"page_id": "6"}, "checkbox_plugin_marketing", {"page_id": "6"})
    assert is_kin("fb_shop", "page_shop")
    assert not is_kin("page_cta", "ig_cta")


@pytest.mark.parametrize(
    ("listed_type", "listed", "shared", "is_possible"),
    [
        ("fb_shop", {}, {}, True),
        ("page_shop", {"page_id": "6"}, {"commerce_merchant_settings_id": "5"}, True),
        ("fb_shop", {"page_id": "60"}, {}, False),
        ("fb_shop", {}, {"commerce_merchant_settings_id": "50"}, False),
        ("ig_shopping", {}, {}, False),
    ],
)
def test_a_listed_feature_may_be_the_implied_one_as_long_as_nothing_contradicts(
    listed_type: str, listed: dict[str, str], shared: dict[str, str], is_possible: bool
) -> None:
    implied = {"commerce_merchant_settings_id": "5", "page_id": "6"}
    assert may_be("fb_shop", implied, listed_type, listed, shared) is is_possible


def test_a_catalog_is_a_part_of_what_else_has_it_and_no_other_asset_is() -> None:
    assert is_part_of("catalog", {"catalog_id": "3"}, "fb_shop", {"catalog_id": "3", "page_id": "6"})
    assert is_part_of("catalog", {"catalog_id": "3"}, "page_card", {"catalog_id": "3"})
    assert not is_part_of("catalog", {"catalog_id": "3"}, "fb_shop", {"catalog_id": "30"})
    assert not is_part_of("catalog", {"catalog_id": "3"}, "fb_shop", {})
    assert not is_part_of("catalog", {"catalog_id": "3"}, "catalog", {"catalog_id": "3"})
    assert not is_part_of("page_cta", {"page_id": "6"}, "fb_shop", {"page_id": "6"})


def test_the_other_kind_of_shop_has_the_settings_of_the_implied_one() -> None:
    settings = {"commerce_merchant_settings_id": "5"}
    assert is_other_shop("fb_shop", settings, "ig_shopping", settings)
    assert is_other_shop("ig_shopping", settings, "page_shop", settings)
    assert not is_other_shop("fb_shop", settings, "page_shop", settings), "it is the same"
    assert not is_other_shop("fb_shop", settings, "ig_shopping", {"commerce_merchant_settings_id": "50"})
    assert not is_other_shop("fb_shop", settings, "ig_shopping", {})
    assert not is_other_shop("fb_shop", settings, "ig_creators_as_sellers", settings)


def test_types_that_confirm_others_are_types_that_meta_lists() -> None:
    listed = (*FEATURE_TYPES, *RECORDED_ONLY)
    assert sum(is_kin(implied, each) for implied in FEATURE_TYPES for each in listed) == len(FEATURE_TYPES) + 3


@pytest.mark.parametrize("vertical", VERTICALS)
@pytest.mark.parametrize("channel", ["", *IMPLIED_BY_CHANNEL])
def test_suggested_intents_are_of_the_vertical(vertical: str, channel: str) -> None:
    assert all((vertical, each) in INTENTS for each in intents_for_channel(vertical, channel))


@pytest.mark.parametrize(
    ("vertical", "channel", "intents"),
    [
        ("ECOMMERCE", "COMMERCE", ("FB_SERVICES", "IG_SERVICES")),
        ("ADS_TARGETING", "", ("CATALOG_ADS", "ADS")),
        ("ECOMMERCE", "FEED", ("ADS",)),
        ("MEASUREMENT_AND_OPTIMIZATION", "SIGNALS", ("CONVERSIONS_API",)),
        ("ADS_TARGETING", "MARKETPLACE", ("COLLABORATIVE_ADS",)),
        ("LEAD_ADS", "LEAD_ADS", ("LEAD_ADS",)),
        ("LEAD_ADS", "SIGNALS", ()),
        ("ECOMMERCE", "NEVER_HEARD_OF", ()),
    ],
)
def test_a_channel_suggests_intents(vertical: str, channel: str, intents: tuple[str, ...]) -> None:
    assert intents_for_channel(vertical, channel) == intents


def test_every_channel_suggests_an_intent_in_some_vertical() -> None:
    assert all(any(intents_for_channel(vertical, channel) for vertical in VERTICALS) for channel in CHANNELS)
