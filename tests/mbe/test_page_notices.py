"""Counting what a body tells about Pages."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbe.page_notices import MOST_PAIRS, count_page_notices


def lead(page: object, *fields: str) -> dict[str, Any]:
    """An entry with a change for each field."""
    return {"id": page, "time": 1, "changes": [{"field": field, "value": {}} for field in fields]}


def counted(*entries: Any) -> Any:
    """What a body with these entries counts as."""
    return count_page_notices(json.dumps({"object": "page", "entry": entries}).encode())


def test_each_change_counts_under_its_page_and_field() -> None:
    found = counted(lead("7", "leadgen", "leadgen", "feed"), lead("8", "leadgen"))
    assert found == {("7", "leadgen"): 2, ("7", "feed"): 1, ("8", "leadgen"): 1}


@pytest.mark.parametrize(
    ("element", "field"),
    [
        ({"message": {"text": "hi"}}, "messages"),
        ({"message": {"text": "hi", "is_echo": True}}, "message_echoes"),
        ({"postback": {}}, "messaging_postbacks"),
        ({"optin": {"user_ref": "x"}}, "messaging_optins"),
        ({"delivery": {}}, "message_deliveries"),
        ({"read": {}}, "message_reads"),
        ({"brand_new": {}}, "messaging"),
    ],
)
def test_a_message_counts_under_the_field_that_brought_it(element: dict[str, Any], field: str) -> None:
    assert counted({"id": "7", "time": 1, "messaging": [{"sender": {"id": "1"}, **element}]}) == {("7", field): 1}


def test_fields_without_values_count_too() -> None:
    assert counted({"id": "7", "time": 1, "changed_fields": ["leadgen"]}) == {("7", "leadgen"): 1}
    assert counted({"id": "7", "standby": [{}, {}]}) == {("7", "standby"): 2}


def test_ids_that_are_numbers_beyond_what_a_double_holds_stay_exact() -> None:
    assert counted(lead(9_007_199_254_740_993, "leadgen")) == {("9007199254740993", "leadgen"): 1}


@pytest.mark.parametrize("page", [None, True, 1.5, "", "a page", "7" * 65, ["7"], {"id": "7"}])
def test_what_names_no_page_counts_under_none(page: object) -> None:
    assert counted(lead(page, "leadgen")) == {("", "leadgen"): 1}


def test_the_order_of_the_keys_says_nothing() -> None:
    body = json.dumps({"entry": [lead("7", "leadgen")], "object": "page"}).encode()
    assert count_page_notices(body) == {("7", "leadgen"): 1}


def test_many_pages_are_counted_under_so_many_names_only() -> None:
    found = counted(*(lead(str(number), "leadgen") for number in range(1, MOST_PAIRS + 51)))
    assert len(found) == MOST_PAIRS + 1
    assert found["", ""] == 50


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b'{"object": "page"}',
        b'{"object": "page", "entry": []}',
        b'{"object": "page", "entry": {"id": "7"}}',
        b'{"object": "pages", "entry": [{"id": "7"}]}',
        b'{"object": ["page"], "entry": [{"id": "7"}]}',
        b'{"object":"user","entry":[{"id":"7"}]}',
        b'{"entry":[{"id":"7"}],"object":"user"}',
        b'{"data": [{}]}',
        b'{"object": "page", "entry": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"object": "page", "entry": [{"id": NaN}]}',
    ],
)
def test_what_is_not_about_pages_or_cannot_be_read_is_not_counted(body: bytes) -> None:
    assert count_page_notices(body) is None


def test_a_body_that_says_user_first_is_not_parsed() -> None:
    # Parsed, the later key would win.
    assert count_page_notices(b' {"object" : "user", "object": "page", "entry": [{"id": "7"}]}') is None


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda each: st.lists(each), max_leaves=10)
ENTRY = st.dictionaries(st.sampled_from(["id", "changes", "messaging", "changed_fields", "standby"]), JSON)


@given(st.lists(ENTRY | JSON, max_size=5))
def test_whatever_the_entries_are_nothing_is_raised(entries: list[Any]) -> None:
    found = counted(*entries)
    assert found is None or all(number > 0 for number in found.values())


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_nothing_is_raised(body: bytes) -> None:
    assert count_page_notices(body) is None
