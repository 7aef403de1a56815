"""A price is written in one way, or it is none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbe.prices import BadPrice, read_price

CURRENCIES = frozenset({"USD", "HKD", "TWD", "JPY", "KWD"})


@pytest.mark.parametrize(
    ("value", "column", "expected"),
    [
        ("9.99 USD", "", "9.99 USD"),
        (" 9.99usd ", "", "9.99 USD"),
        ("9.9 USD", "USD", "9.90 USD"),
        ("9.9900 USD", "", "9.99 USD"),
        ("009", "hkd", "9.00 HKD"),
        (9.99, "USD", "9.99 USD"),
        (10, " usd ", "10.00 USD"),
        (0, "USD", "0.00 USD"),
        ("1000 JPY", "", "1000 JPY"),
        ("1000.00", "JPY", "1000 JPY"),
        ("1.5", "KWD", "1.500 KWD"),
        (1e11, "USD", "100000000000.00 USD"),
    ],
)
def test_equal_prices_become_equal_texts(value: object, column: str, expected: str) -> None:
    assert read_price(value, column, CURRENCIES) == expected


@pytest.mark.parametrize(
    "value",
    ["", "free", "-1 USD", "1,299.00 USD", "9,99 USD", "USD 9.99", "9.999 USD", "9. USD", "1e3 USD", "\u0661 USD",
     "9.99 US", -1, 1e-5, 1e13, float("nan"), float("inf"), True, None, [], 10**400, "0.5 JPY", "9" * 13 + " USD"],
)  # fmt: skip
def test_what_is_no_price_is_named_so(value: object) -> None:
    with pytest.raises(BadPrice) as caught:
        read_price(value, "USD" if not isinstance(value, str) else "", CURRENCIES)
    assert caught.value.reason == "bad_price"


@pytest.mark.parametrize(
    ("value", "column"), [("9.99", ""), (9.99, ""), ("9.99 XXX", ""), ("9", "EUR"), ("9 USD", "HKD")]
)
def test_a_price_without_one_known_currency_is_named_so(value: object, column: str) -> None:
    with pytest.raises(BadPrice) as caught:
        read_price(value, column, CURRENCIES)
    assert caught.value.reason == "bad_currency"


@given(st.decimals(0, 10**11, places=2), st.sampled_from(["USD", "HKD", "TWD"]))
def test_any_amount_in_cents_keeps_its_value(amount: Decimal, currency: str) -> None:
    written = read_price(f"{amount:f} {currency}", "", CURRENCIES)
    assert Decimal(written.split()[0]) == amount
    assert read_price(written, currency, CURRENCIES) == written


@given(st.text(max_size=20) | st.floats() | st.integers() | st.none() | st.booleans(), st.text(max_size=4))
def test_nothing_but_a_price_or_a_bad_one_comes_out(value: object, column: str) -> None:
    try:
        written = read_price(value, column, CURRENCIES)
    except BadPrice as bad:
        assert bad.reason in ("bad_price", "bad_currency")
    else:
        assert read_price(written, "", CURRENCIES) == written
