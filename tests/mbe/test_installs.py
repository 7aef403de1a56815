"""The installs model is read as Meta really sends it, and doubt is never read as an empty answer."""

from typing import Any

import pytest
from hypothesis import given

from mbe.catalog import FEATURE_TYPES
from mbe.errors import DoubtfulAnswer
from mbe.installs import Installs, parse_installs
from tests.mbe.test_wire import JSON

SEEN = {
    "data": [
        {
            "business_manager_id": "100000000000001",
            "commerce_merchant_settings_id": "100000000000002",
            "onsite_eligible": False,
            "pixel_id": "100000000000003",
            "profiles": ["100000000000004"],
            "ad_account_id": "0",
            "catalog_id": "100000000000005",
            "pages": ["100000000000004"],
            "token_type": "User",
            "ig_shop": {"status": "NOT_SUBMITTED"},
            "installed_features": [
                {
                    "feature_instance_id": "200000000000001",
                    "feature_type": "pixel",
                    "connected_assets": {"page_id": "100000000000004", "pixel_id": "100000000000003"},
                    "additional_info": {"onsite_eligible": False},
                },
                {
                    "feature_instance_id": "200000000000002",
                    "feature_type": "fb_shop",
                    "connected_assets": {"catalog_id": "100000000000005", "ad_account_id": "0"},
                    "additional_info": [],
                },
            ],
        }
    ]
}


def one(**feature: Any) -> Installs:
    entry = {"feature_instance_id": "1", "feature_type": "ads", **feature}
    return parse_installs({"data": [{"installed_features": [entry]}]})


def test_an_answer_as_really_seen_is_read_in_full() -> None:
    installs = parse_installs(SEEN)
    assert installs.is_installed
    assert installs.assets == {
        "business_manager_id": "100000000000001",
        "commerce_merchant_settings_id": "100000000000002",
        "pixel_id": "100000000000003",
        "profiles": ["100000000000004"],
        "catalog_id": "100000000000005",
        "pages": ["100000000000004"],
    }
    assert installs.token_type == "User"
    assert installs.additional_info == {"onsite_eligible": False, "ig_shop": {"status": "NOT_SUBMITTED"}}
    assert installs.business_manager_id == "100000000000001"
    assert installs.features is not None
    pixel, shop = installs.features
    assert (pixel.feature_instance_id, pixel.feature_type, pixel.feature_name) == ("200000000000001", "pixel", "")
    assert pixel.connected_assets == {"page_id": "100000000000004", "pixel_id": "100000000000003"}
    assert pixel.additional_info == {"onsite_eligible": False}
    assert shop.connected_assets == {"catalog_id": "100000000000005"}
    assert shop.additional_info == {}


def test_an_honest_empty_answer_says_that_nothing_is_installed() -> None:
    assert parse_installs({"data": []}) == Installs(False, {}, "", {}, ())


@pytest.mark.parametrize("element", [{}, {"pixel_id": "1"}, {"installed_features": None}])
def test_an_answer_without_features_says_nothing_about_them(element: dict[str, Any]) -> None:
    installs = parse_installs({"data": [element]})
    assert installs.is_installed
    assert installs.features is None


def test_an_empty_feature_list_is_honest() -> None:
    assert parse_installs({"data": [{"installed_features": []}]}).features == ()


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "data",
        {},
        {"data": None},
        {"data": {}},
        {"data": [None]},
        {"data": ["x"]},
        {"data": [[]]},
        {"data": [{"installed_features": {}}]},
        {"data": [{"installed_features": "x"}]},
        {"data": [{"installed_features": ["x"]}]},
        {"data": [{"installed_features": [{"feature_type": "ads"}]}]},
        {"data": [{"installed_features": [{"feature_type": "ads", "feature_instance_id": "0"}]}]},
        {"data": [{"installed_features": [{"feature_type": "ads", "feature_instance_id": ["1", "2"]}]}]},
        {"data": [{"installed_features": [{"feature_type": "ads", "feature_instance_id": "1" * 300}]}]},
        {"data": [{"installed_features": [{"feature_instance_id": "1"}]}]},
        {"data": [{"installed_features": [{"feature_instance_id": "1", "feature_type": " "}]}]},
        {"data": [{"installed_features": [{"feature_instance_id": "1", "feature_type": 7}]}]},
        {
            "data": [
                {"installed_features": [{"feature_instance_id": "1", "feature_type": "ads", "connected_assets": 1}]}
            ]
        },
    ],
)
def test_a_shape_that_leaves_doubt_is_refused(payload: object) -> None:
    with pytest.raises(DoubtfulAnswer):
        parse_installs(payload)


@given(JSON)
def test_any_value_is_read_or_doubtful(value: Any) -> None:
    for payload in (value, {"data": value}, {"data": [{"installed_features": value, "pages": value, "x_id": value}]}):
        try:
            installs = parse_installs(payload)
        except DoubtfulAnswer:
            continue
        assert isinstance(installs.business_manager_id, str)


@given(JSON, JSON)
def test_any_assets_and_info_of_a_feature_are_read_or_doubtful(assets: Any, info: Any) -> None:
    try:
        installs = one(connected_assets=assets, additional_info=info)
    except DoubtfulAnswer:
        return
    assert installs.features is not None
    assert "0" not in installs.features[0].connected_assets.values()


@pytest.mark.parametrize("feature_type", [*FEATURE_TYPES, "holo_shop"])
def test_every_type_and_an_invented_one_are_recorded(feature_type: str) -> None:
    installs = one(feature_type=feature_type)
    assert installs.features is not None
    assert installs.features[0].feature_type == feature_type
    assert installs.features[0].feature_type_raw == feature_type


def test_the_raw_word_of_a_type_is_kept_beside_the_canonical_one() -> None:
    installs = one(feature_type="ig_ceators_as_sellers")
    assert installs.features is not None
    assert installs.features[0].feature_type == "ig_creators_as_sellers"
    assert installs.features[0].feature_type_raw == "ig_ceators_as_sellers"


@pytest.mark.parametrize("raw", [18446744073709551616, "18446744073709551616", ["18446744073709551616"]])
def test_instance_ids_keep_every_digit(raw: object) -> None:
    features = one(feature_instance_id=raw).features
    assert features is not None
    assert features[0].feature_instance_id == "18446744073709551616"


@pytest.mark.parametrize(
    ("assets", "expected"),
    [
        ({"page_id": 7, "pixel_id": "0", "catalog_id": None, "ad_account_id": ""}, {"page_id": "7"}),
        ([{"page_id": "7"}], {"page_id": "7"}),
        ([{"page_id": "7"}, {"pixel_id": "8"}], {"page_id": "7", "pixel_id": "8"}),
        ([], {}),
        ({}, {}),
        (None, {}),
        ({"page_ids": ["7", "0", 8, "7"], "new_ids": []}, {"page_ids": ["7", "8"]}),
    ],
)
def test_connected_assets_hold_only_what_is_there(assets: object, expected: dict[str, Any]) -> None:
    features = one(connected_assets=assets).features
    assert features is not None
    assert features[0].connected_assets == expected


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"onsite_eligible": True}, {"onsite_eligible": True}),
        ([{"onsite_eligible": True}], {"onsite_eligible": True}),
        ([], {}),
        (None, {}),
        (["odd", 1], {"additional_info": ["odd", 1]}),
        ("odd", {"additional_info": "odd"}),
    ],
)
def test_additional_info_is_kept_in_any_shape(info: object, expected: dict[str, Any]) -> None:
    features = one(additional_info=info).features
    assert features is not None
    assert features[0].additional_info == expected


def test_unknown_keys_are_kept() -> None:
    installs = parse_installs({"data": [{"commerce_partner_integration_id": 5, "brand_new": [1], "odd_id": {"a": 1}}]})
    assert installs.assets == {"commerce_partner_integration_id": "5"}
    assert installs.additional_info == {"brand_new": [1], "odd_id": {"a": 1}}
    features = one(brand_new={"a": 1}, additional_info={"b": 2}).features
    assert features is not None
    assert features[0].additional_info == {"brand_new": {"a": 1}, "b": 2}


def test_a_token_in_the_answer_is_not_kept() -> None:
    installs = parse_installs({"data": [{"access_token": "TOKEN", "installed_features": None}]})
    assert "TOKEN" not in repr(installs)


def test_several_elements_are_merged() -> None:
    feature = {"feature_instance_id": "1", "feature_type": "ads"}
    installs = parse_installs(
        {
            "data": [
                {"pages": ["1"], "pixel_id": "0", "installed_features": [feature]},
                {
                    "pages": ["1", "2"],
                    "pixel_id": "9",
                    "installed_features": [feature, {**feature, "feature_instance_id": "2"}],
                },
            ]
        }
    )
    assert installs.assets == {"pages": ["1", "2"], "pixel_id": "9"}
    assert installs.features is not None
    assert [entry.feature_instance_id for entry in installs.features] == ["1", "2"]


def test_merging_leaves_the_payload_as_it_was() -> None:
    payload: dict[str, Any] = {"data": [{"pages": ["1"]}, {"pages": ["2"]}]}
    parse_installs(payload)
    assert payload == {"data": [{"pages": ["1"]}, {"pages": ["2"]}]}


def test_pages_of_features_come_before_those_of_the_top_level() -> None:
    installs = parse_installs(
        {
            "data": [
                {
                    "pages": ["1", "2"],
                    "installed_features": [
                        {
                            "feature_instance_id": "1",
                            "feature_type": "page_cta",
                            "connected_assets": {"page_id": "2", "business_manager_id": "77"},
                        }
                    ],
                }
            ]
        }
    )
    assert installs.business_manager_id == "77"


def test_a_business_without_a_page_has_none() -> None:
    installs = parse_installs({"data": [{"pixel_id": "1"}]})
    assert installs.is_installed and "pages" not in installs.assets
    assert installs.business_manager_id == ""
