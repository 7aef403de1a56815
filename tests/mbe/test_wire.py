"""What comes out of a body can be stored and walked through."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbe.wire import identifier, read_json, text

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON, st.booleans())
def test_json_that_can_be_stored_is_read_as_it_is(value: Any, is_ascii: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=is_ascii).encode()) == value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"nonsense",
        b"NaN",
        b'{"a": Infinity}',
        b"[1e999]",
        b"[-1e999]",
        b"1" * 10_000,
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"\xff\xfe\x00",
        "{}".encode("utf-16"),
        b"[" * 200 + b"]" * 200,
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"a": 1} trailing',
        b'"\x00"',
    ],
)
def test_everything_else_is_a_value_error_that_quotes_nothing(raw: bytes) -> None:
    with pytest.raises(ValueError) as caught:
        read_json(raw)
    assert str(caught.value) in ("not UTF-8", "not JSON", "nested too deeply")


def test_unstorable_characters_are_replaced() -> None:
    value = read_json(b'{"a\\u0000": ["\\ud800", "\\uD83D\\uDE00", "\\\\u0000"]}')
    assert value == {"a\ufffd": ["\ufffd", "\U0001f600", "\\u0000"]}


def test_numbers_beyond_double_precision_keep_every_digit() -> None:
    assert read_json(b"[18446744073709551616123]") == [18446744073709551616123]


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "a"), (5, "5"), (True, ""), (None, ""), (1.5, ""), ([], ""), ("x" * 256, "")]
)
def test_texts_are_strings_and_integers_within_a_limit(value: object, expected: str) -> None:
    assert text(value) == expected


@pytest.mark.parametrize(("value", "expected"), [("0", ""), (0, ""), (" 7 ", "7"), ("", ""), (None, ""), (7, "7")])
def test_zero_is_no_identifier(value: object, expected: str) -> None:
    assert identifier(value) == expected
