"""What may be set, what differs from Meta's, and what is posted for it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbe.catalog import FEATURE_TYPES
from mbe.customizing import (
    SETTINGS,
    InstanceSettings,
    Setting,
    business_config,
    comparable,
    differences,
    observed_settings,
    plural_of,
)
from mbe.fca import parse_business_configuration

CUSTOMIZABLE = [name for name, feature in FEATURE_TYPES.items() if feature.is_customizable]
ALL_SETTINGS = [(name, setting) for name, settings in SETTINGS.items() for setting in settings]

flat = st.dictionaries(
    st.sampled_from(["enabled", "cta_button_text", "cta_button_url", "domains", "invented"]),
    st.none() | st.booleans() | st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=3),
)


def change(feature_type: str, instance: str, is_only_one: bool = False, **settings: Any) -> InstanceSettings:
    return InstanceSettings(feature_type, instance, settings, is_only_one)


def test_exactly_the_customizable_features_have_settings() -> None:
    assert list(SETTINGS) == CUSTOMIZABLE
    assert {name: [setting.name for setting in settings] for name, settings in SETTINGS.items()} == {
        "page_cta": ["cta_button_text", "cta_button_url", "below_button_text"],
        "ig_cta": ["cta_button_text", "cta_button_url"],
        "messenger_menu": ["cta_button_text", "cta_button_url"],
        "thread_intent": ["cta_button_url"],
        "page_card": ["cta_button_text", "see_all_text", "see_all_url"],
        "messenger_chat": ["domains"],
    }


@pytest.mark.parametrize(("feature_type", "setting"), ALL_SETTINGS, ids=lambda part: getattr(part, "name", part))
def test_a_setting_speaks_both_languages_and_its_kind_follows_its_name(feature_type: str, setting: Setting) -> None:
    assert setting.label.en.isascii() and setting.label.zh_hant and not setting.label.zh_hant.isascii()
    expected = "url" if setting.name.endswith("_url") else "origins" if setting.name == "domains" else "text"
    assert setting.kind == expected
    assert bool(setting.suggestions) == (setting.kind == "text")


def test_the_suggestions_are_those_of_metas_samples_with_the_partners_name() -> None:
    suggested = {text for _, setting in ALL_SETTINGS for text in setting.suggested_by("Example")}
    assert {"Book Now", "Reserve", "Order Food", "Shop Now", "Buy Now", "Book", "See All"} <= suggested
    assert "Powered by Example" in suggested
    assert not any("{" in text for text in suggested)


def test_what_meta_adds_on_read_is_no_setting() -> None:
    payload = {
        "messenger_chat": {
            "feature_instance_id": "1",
            "enabled": True,
            "domains": ["https://shop.example"],
            "default_locale": "en_US",
        }
    }
    [entry] = parse_business_configuration(payload).features
    assert observed_settings(entry.enabled, entry.settings) == {"enabled": True, "domains": ["https://shop.example"]}
    assert comparable(payload["messenger_chat"]) == {"domains": ["https://shop.example"]}


def test_only_what_is_wanted_otherwise_differs() -> None:
    wanted = {"enabled": True, "cta_button_text": "Reserve", "cta_button_url": "https://a.example"}
    observed = {"enabled": True, "cta_button_text": "Book Now", "below_button_text": "Powered by X"}
    assert differences(wanted, observed) == {
        "cta_button_text": ("Book Now", "Reserve"),
        "cta_button_url": (None, "https://a.example"),
    }


@pytest.mark.parametrize(
    ("wanted", "observed", "is_same"),
    [
        (["https://a.example", "https://b.example"], ["https://b.example", "https://a.example"], True),
        (["https://a.example"], ["https://a.example", "https://b.example"], False),
        (["https://a.example"], "https://a.example", False),
        ("Book", "Book ", False),
        ("Book", "book", False),
        ("https://a.example", "https://a.example/", False),
        (True, 1, False),
        (False, None, False),
        (False, False, True),
        ("", None, True),
        ([], None, True),
        ("", "Book", False),
        (None, "Book", False),
    ],
)
def test_only_the_order_of_origins_and_the_way_to_be_empty_make_no_difference(
    wanted: object, observed: object, is_same: bool
) -> None:
    assert bool(differences({"key": wanted}, {"key": observed})) is not is_same


@given(flat, flat)
def test_taking_over_the_differences_ends_them(wanted: dict[str, Any], observed: dict[str, Any]) -> None:
    found = differences(wanted, observed)
    assert set(found) <= set(wanted)
    assert all(wanted[key] == new and observed.get(key) == old for key, (old, new) in found.items())
    assert differences(wanted, observed | {key: new for key, (_, new) in found.items()}) == {}


@given(flat)
def test_nothing_differs_from_itself(settings: dict[str, Any]) -> None:
    assert differences(settings, dict(settings)) == {}


def test_the_only_instance_goes_under_the_name_of_its_type() -> None:
    only = change("page_cta", "1", True, enabled=True, cta_button_text="預約")
    assert business_config([only]) == {
        "page_cta": {"feature_instance_id": "1", "enabled": True, "cta_button_text": "預約"}
    }


def test_one_of_several_instances_goes_in_the_list_of_its_type() -> None:
    changes = [
        change("page_cta", "1", enabled=False),
        change("thread_intent", "9", cta_button_url="https://a.example"),
        change("page_cta", "2", cta_button_text="Book"),
    ]
    assert business_config(changes) == {
        "page_ctas": [
            {"feature_instance_id": "1", "enabled": False},
            {"feature_instance_id": "2", "cta_button_text": "Book"},
        ],
        "thread_intents": [{"feature_instance_id": "9", "cta_button_url": "https://a.example"}],
    }


@pytest.mark.parametrize("feature_type", CUSTOMIZABLE)
def test_what_is_posted_is_read_back_as_the_same_feature(feature_type: str) -> None:
    for is_only_one in (True, False):
        posted = business_config([change(feature_type, "1", is_only_one, enabled=True, invented="kept")])
        [entry] = parse_business_configuration(posted).features
        assert (entry.feature_type, entry.feature_instance_id) == (feature_type, "1")
        assert observed_settings(entry.enabled, entry.settings) == {"enabled": True, "invented": "kept"}
    assert plural_of(feature_type) == f"{feature_type}s"


def test_neither_the_default_locale_nor_an_unknown_enabled_is_posted() -> None:
    settings: dict[str, Any] = {"default_locale": "en_US", "enabled": None, "feature_instance_id": "7", "domains": []}
    assert business_config([InstanceSettings("messenger_chat", "", settings, True)]) == {
        "messenger_chat": {"domains": []}
    }


@pytest.mark.parametrize("feature_type", sorted({*FEATURE_TYPES, "page_ctas", "invented"} - {*CUSTOMIZABLE}))
def test_what_is_not_customizable_is_never_posted(feature_type: str) -> None:
    with pytest.raises(ValueError, match="not customizable"):
        business_config([change(feature_type, "1", True, enabled=False)])


@pytest.mark.parametrize("instances", [("1", "1"), ("1", ""), ("",)])
def test_several_instances_need_an_id_each(instances: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="id of its own"):
        business_config([change("page_cta", instance) for instance in instances])
