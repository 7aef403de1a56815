"""The feature configuration is one record for each instance, under whichever key Meta puts it."""

from typing import Any

import pytest
from hypothesis import given

from mbe.catalog import FEATURE_TYPES
from mbe.errors import DoubtfulAnswer
from mbe.fca import FeatureConfiguration, parse_business_configuration
from tests.mbe.test_wire import JSON

FIRST = {"feature_instance_id": "1", "enabled": True, "cta_button_text": "Book Now"}
SECOND = {"feature_instance_id": "2", "enabled": False, "cta_button_text": "Reserve"}


def test_an_answer_as_really_seen_is_read_in_full() -> None:
    configuration = parse_business_configuration(
        {
            "business": {"name": "Example"},
            "id": "9",
            "pixels": [{"feature_instance_id": 18446744073709551616, "enabled": True}],
            "catalog_feed_scheduled": {"enabled": False},
            "page_cta": {"enabled": False},
            "page_post": {"enabled": False},
        }
    )
    assert configuration.business == {"name": "Example"}
    assert configuration.other == {"id": "9", "catalog_feed_scheduled": {"enabled": False}}
    assert configuration.features == (
        FeatureConfiguration("pixel", "pixels", "18446744073709551616", True, {}),
        FeatureConfiguration("page_cta", "page_cta", "", False, {}),
        FeatureConfiguration("page_post", "page_post", "", False, {}),
    )
    assert list(configuration.by_instance()) == ["18446744073709551616"]


@pytest.mark.parametrize("keys", [("page_cta", "page_ctas"), ("page_ctas", "page_cta")])
def test_singular_and_plural_of_one_instance_are_one_record(keys: tuple[str, str]) -> None:
    values: dict[str, Any] = {"page_cta": {**FIRST, "old": 1}, "page_ctas": [FIRST, SECOND]}
    configuration = parse_business_configuration({key: values[key] for key in keys})
    assert [entry.feature_instance_id for entry in configuration.features] == ["1", "2"]
    first = configuration.by_instance()["1"]
    assert first == FeatureConfiguration("page_cta", "page_ctas", "1", True, {"cta_button_text": "Book Now", "old": 1})


@pytest.mark.parametrize("name", FEATURE_TYPES)
@pytest.mark.parametrize("form", ["object", "list", "plural"])
def test_every_type_is_read_as_object_list_and_plural(name: str, form: str) -> None:
    key = f"{name}s" if form == "plural" else name
    configuration = parse_business_configuration({key: FIRST if form == "object" else [FIRST, SECOND]})
    assert {entry.feature_type for entry in configuration.features} == {name}
    assert len(configuration.by_instance()) == (1 if form == "object" else 2)


def test_an_invented_type_stays_as_it_came() -> None:
    configuration = parse_business_configuration({"holo_shops": [FIRST], "note": "x", "paging": {"next": None}})
    assert [entry.feature_type for entry in configuration.features] == ["holo_shops"]
    assert configuration.other == {"note": "x", "paging": {"next": None}}


def test_an_enabled_flag_that_is_not_there_is_unknown() -> None:
    configuration = parse_business_configuration({"ads": [{"feature_instance_id": "1"}], "business": None})
    assert configuration.by_instance()["1"].enabled is None
    assert configuration.business == {}


@pytest.mark.parametrize("payload", [None, [], "x", {}, {"ads": True}, {"ads": ["x"]}, {"page_cta": "x"}])
def test_a_shape_that_leaves_doubt_is_refused(payload: object) -> None:
    with pytest.raises(DoubtfulAnswer):
        parse_business_configuration(payload)


@given(JSON, JSON)
def test_any_value_is_read_or_doubtful(value: Any, other: Any) -> None:
    for payload in (value, {"page_cta": value, "page_ctas": other}, {"holo": value, "business": other}):
        try:
            configuration = parse_business_configuration(payload)
        except DoubtfulAnswer:
            continue
        assert all(configuration.by_instance())
