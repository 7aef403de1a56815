"""A row of a merchant's file becomes Meta's item, or says field by field why it does not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbe.products import (
    AVAILABILITIES,
    CONDITIONS,
    REASONS,
    REQUIRED,
    Problem,
    digest,
    read_item,
    request,
    unknown_fields,
)

CURRENCIES = frozenset({"USD", "HKD", "JPY"})
ROW = {
    "id": "sku-1",
    "title": "茶",
    "description": "Green tea.\nFresh.",
    "availability": "in stock",
    "condition": "new",
    "price": "9.99 USD",
    "link": "https://shop.example/tea?x=1",
    "image_link": "https://shop.example/tea.jpg",
    "brand": "Example",
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def problems(**changed: Any) -> list[tuple[str, str]]:
    _, found = read_item(ROW | changed, CURRENCIES)
    return [(problem.field, problem.reason) for problem in found]


def item(**changed: Any) -> dict[str, Any]:
    read, found = read_item(ROW | changed, CURRENCIES)
    assert found == ()
    return read


def test_a_row_with_all_that_meta_requires_is_an_item_as_it_is() -> None:
    assert item() == ROW
    assert set(REQUIRED) == set(ROW)


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("empty", [None, "", "  "])
def test_each_required_field_is_missed_by_its_name(field: str, empty: object) -> None:
    assert problems(**{field: empty}) == [(field, "missing")]


@pytest.mark.parametrize("other", ["gtin", "mpn"])
def test_a_number_of_the_maker_stands_in_for_the_brand(other: str) -> None:
    assert problems(brand="", **{other: "0123"}) == []


def test_a_row_of_texts_and_an_object_of_json_become_the_same_item() -> None:
    row = {name: value for name, value in ROW.items() if name != "price"}
    columns = row | {"price": "9.99", "currency": "USD", "inventory": "5", "color": "", "gtin": "12"}
    parsed = row | {"price": 9.99, "currency": "USD", "inventory": 5, "color": None, "gtin": 12}
    read = [read_item(raw, CURRENCIES) for raw in (columns, parsed)]
    assert read[0] == read[1]
    assert read[0][0] == ROW | {"inventory": 5, "gtin": "12"}


def test_other_spellings_of_names_are_known_and_metas_own_goes_first() -> None:
    raw = {"\ufeffRetailer_ID": "sku-1", "Name": "茶", "image_url": ROW["image_link"], "url": ROW["link"]}
    rest = {name: ROW[name] for name in ("description", "availability", "condition", "price", "brand")}
    assert read_item({**raw, **rest}, CURRENCIES) == (ROW, ())
    assert read_item({"retailer_id": "other", "Name": "other", **ROW}, CURRENCIES) == (ROW, ())
    assert problems(image_link="", **{"Image Link": ROW["image_link"]}) == []


def test_columns_that_meta_does_not_know_are_left_out_and_listed() -> None:
    assert "warehouse" not in item(warehouse="7", **{"": "x"})
    names = ["id", "Warehouse", "Retailer_ID", "currency", "sale_price", "gender", "Warehouse", "shelf"]
    assert unknown_fields(names) == ("Warehouse", "shelf")


def test_a_cell_beyond_the_last_column_is_no_field() -> None:
    row: dict[Any, Any] = ROW | {None: ["extra"]}
    assert read_item(row, CURRENCIES) == (ROW, ())


@pytest.mark.parametrize(
    ("field", "longest"),
    [
        ("id", 100),
        ("title", 200),
        ("description", 9999),
        ("brand", 100),
        ("rich_text_description", 9999),
        ("size", 1000),
    ],
)
def test_texts_are_as_long_as_meta_takes_them(field: str, longest: int) -> None:
    assert problems(**{field: "茶" * longest}) == []
    assert problems(**{field: "茶" * (longest + 1)}) == [(field, "too_long")]


@pytest.mark.parametrize("field", ["id", "title", "brand", "color", "description"])
@pytest.mark.parametrize(
    "value", ["a\x00b", "a\x07b", "a\x9fb", "a\ud800b", ["a"], {"a": 1}, True, 10**40, float("nan")]
)
def test_what_no_text_may_hold_is_named(field: str, value: object) -> None:
    assert problems(**{field: value}) == [(field, "bad_text")]


def test_lines_are_for_descriptions_only() -> None:
    assert problems(title="two\nlines") == [("title", "bad_text")]
    assert problems(description="two\r\n\tlines") == []


@pytest.mark.parametrize(
    "word", [*AVAILABILITIES, "In Stock", "in_stock", "IN-STOCK", "Pre-order", "available_for_order"]
)
def test_availabilities_are_known_in_any_spelling(word: str) -> None:
    assert item(availability=word)["availability"] in AVAILABILITIES


@pytest.mark.parametrize("word", [*CONDITIONS, "NEW", "Used like new"])
def test_conditions_are_known_in_any_spelling(word: str) -> None:
    assert item(condition=word)["condition"] in CONDITIONS


@pytest.mark.parametrize("field", ["availability", "condition"])
@pytest.mark.parametrize("word", ["yes", 1, True, ["new"]])
def test_another_word_is_no_choice(field: str, word: object) -> None:
    assert problems(**{field: word}) == [(field, "bad_choice")]


@pytest.mark.parametrize("field", ["link", "image_link", "additional_image_link"])
@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "shop.example",
        "https://",
        "https:///x",
        "https://[::1",
        "https://a b",
        "javascript:1",
        7,
    ],
)
def test_an_address_is_https(field: str, url: object) -> None:
    assert problems(**{field: url}) == [(field, "not_https")]


def test_addresses_have_an_end() -> None:
    url = "https://shop.example/"
    assert problems(link=url + "x" * (2000 - len(url))) == []
    assert problems(link=url + "x" * (2001 - len(url))) == [("link", "too_long")]
    assert problems(additional_image_link=[url] * 21) == [("additional_image_link", "too_long")]


@pytest.mark.parametrize("sign", [",", ", ", ";", " ", "|"])
def test_further_images_are_a_list_or_a_text_with_signs_between(sign: str) -> None:
    urls = ["https://cdn.example/w_1,h_1/a.jpg", "https://cdn.example/b.jpg"]
    assert item(additional_image_link=sign.join(urls))["additional_image_link"] == urls
    assert item(additional_image_link=urls)["additional_image_link"] == urls


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"price": "free"}, [("price", "bad_price")]),
        ({"price": "9.99"}, [("price", "bad_currency")]),
        ({"price": 9, "currency": "EUR"}, [("price", "bad_currency")]),
        ({"price": 9, "currency": 840}, [("price", "bad_currency")]),
        ({"sale_price": "7 HKD", "currency": "USD"}, [("sale_price", "bad_currency")]),
        ({"sale_price": "none"}, [("sale_price", "bad_price")]),
    ],
)
def test_prices_are_named_where_they_are_none(changed: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert problems(**changed) == expected


@pytest.mark.parametrize("value", ["many", "-1", "1.5", True, [], 10**12])
def test_a_stock_is_a_whole_number(value: object) -> None:
    assert problems(inventory=value) == ([("inventory", "bad_number")] if value != [] else [])


def test_what_has_parts_is_kept_whole() -> None:
    shipping = [{"country": "HK", "price": "10 HKD"}]
    assert item(shipping=shipping)["shipping"] == shipping
    assert item(shipping="HK:::10 HKD")["shipping"] == "HK:::10 HKD"
    for bad in ([{"a": "\x00"}], [float("nan")], ["x" * 6000], [{1, 2}]):
        assert problems(shipping=bad) == [("shipping", "bad_text")]


def test_every_problem_of_a_row_is_named() -> None:
    assert sorted(problems(id="", link="ftp://x", price="x")) == [
        ("id", "missing"),
        ("link", "not_https"),
        ("price", "bad_price"),
    ]


@given(st.dictionaries(st.sampled_from([*REQUIRED, "currency", "shipping", "inventory", "size", "x"]), json_values))
def test_any_row_is_an_item_or_says_why_not(raw: dict[str, Any]) -> None:
    read, found = read_item(raw, CURRENCIES)
    assert {problem.reason for problem in found} <= set(REASONS)
    assert not {problem.field for problem in found} & set(read)
    assert json.loads(json.dumps(read, allow_nan=False)) == read
    # An item goes through a second reading unchanged.
    assert {problem for problem in read_item(read, CURRENCIES)[1] if problem.reason != "missing"} == set()
    assert read_item(read, CURRENCIES)[0] == read


def test_equal_items_have_one_digest_and_others_another() -> None:
    assert digest(ROW) == digest(dict(reversed(ROW.items())))
    assert len(digest(ROW)) == 32 and int(digest(ROW), 16) >= 0
    assert len({digest(ROW | {field: "x"}) for field in ROW} | {digest(ROW)}) == len(ROW) + 1


def test_an_update_ends_a_sale_that_is_over_and_a_deletion_names_the_item_only() -> None:
    assert request("CREATE", ROW) == {"method": "CREATE", "data": ROW}
    assert request("UPDATE", ROW) == {
        "method": "UPDATE",
        "data": ROW | {"sale_price": "", "sale_price_effective_date": ""},
    }
    assert request("UPDATE", ROW | {"sale_price": "5.00 USD"})["data"]["sale_price"] == "5.00 USD"
    assert request("DELETE", ROW) == {"method": "DELETE", "data": {"id": "sku-1"}}


def test_a_problem_names_its_field_and_reason() -> None:
    assert read_item({}, CURRENCIES)[1] == tuple(Problem(field, "missing") for field in REQUIRED)
