"""A product's price as Meta writes it: ``9.99 USD``."""

import re
from collections.abc import Collection
from decimal import Decimal

_PRICE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*([A-Za-z]{3})?", re.ASCII)
_TOO_MUCH = 10**12
# ISO 4217: how many digits follow the point, where they are not two.
_WITHOUT_FRACTION = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
_WITH_THREE_DIGITS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))


class BadPrice(ValueError):
    """A price that is none; ``reason`` is ``bad_price`` or ``bad_currency``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_price(value: object, column: str, currencies: Collection[str]) -> str:
    """Give a price in one way of writing, so that equal prices are equal texts.

    ``value`` is a number, or a text such as ``9.99`` or ``9.99 USD``; ``column`` is the currency that stands beside it,
    or empty; ``currencies`` are the codes of ISO 4217. Raises BadPrice, also where the two name different currencies.
    """
    matched = _PRICE.fullmatch(_written(value))
    if matched is None:
        raise BadPrice("bad_price")
    amount, own = Decimal(matched[1]), (matched[2] or "").upper()
    beside = column.strip().upper()
    currency = own or beside
    if currency not in currencies or (beside and beside != currency):
        raise BadPrice("bad_currency")
    return f"{_rounded(amount, _digits(currency))} {currency}"


def _written(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _TOO_MUCH:
        raise BadPrice("bad_price")
    # repr gives the digits that were written; none may come out as 1e-05.
    return format(Decimal(repr(value)), "f")


def _digits(currency: str) -> int:
    if currency in _WITHOUT_FRACTION:
        return 0
    return 3 if currency in _WITH_THREE_DIGITS else 2


def _rounded(amount: Decimal, digits: int) -> str:
    written = f"{amount:.{digits}f}"
    if Decimal(written) != amount:
        raise BadPrice("bad_price")
    return written
