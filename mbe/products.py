"""Meta's product item, from a row of a merchant's file to what a catalog takes (meta-api, 9.2)."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from mbe.prices import BadPrice, read_price
from mbe.wire import storable

Method = Literal["CREATE", "UPDATE", "DELETE"]

REQUIRED = ("id", "title", "description", "availability", "condition", "price", "link", "image_link", "brand")
# Any of these names who made the product.
BRANDS = ("brand", "gtin", "mpn")
AVAILABILITIES = (
    "in stock",
    "out of stock",
    "preorder",
    "available for order",
    "discontinued",
    "pending",
    "mark_as_sold",
)
CONDITIONS = (
    "new",
    "refurbished",
    "used",
    "used_like_new",
    "used_good",
    "used_fair",
    "open_box_new",
    "cpo",
)
REASONS = (
    "missing",
    "too_long",
    "bad_price",
    "bad_currency",
    "not_https",
    "bad_choice",
    "bad_number",
    "bad_text",
)
ALIASES = {"retailer_id": "id", "name": "title", "image_url": "image_link", "url": "link"}

_LONGEST_URL = 2000
_LONGEST_STRUCTURE = 5000
_MOST_IMAGES = 20
_TOO_LARGE = 10**30
_LIMITS = {"id": 100, "title": 200, "description": 9999, "brand": 100}
_OTHER_TEXTS = (
    "gtin",
    "mpn",
    "item_group_id",
    "google_product_category",
    "fb_product_category",
    "product_type",
    "size",
    "color",
    "gender",
    "age_group",
    "material",
    "pattern",
    "sale_price_effective_date",
    "expiration_date",
    "shipping_weight",
    "short_description",
    "status",
    "visibility",
    "custom_label_0",
    "custom_label_1",
    "custom_label_2",
    "custom_label_3",
    "custom_label_4",
    "size_system",
    "size_type",
    "origin_country",
    "commerce_tax_category",
)
_LONGEST_OTHER_TEXT = 1000
_LONG_TEXTS = ("description", "rich_text_description")
_NUMBERS = ("inventory", "quantity_to_sell_on_facebook")
_STRUCTURES = ("shipping", "video", "applink", "internal_label", "additional_variant_attribute", "unit_price")
# An update leaves at Meta what it does not name; a sale that is over would go on.
_CLEARED = {"sale_price": "", "sale_price_effective_date": ""}

_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_URL = re.compile(r"https://[^\s<>\"\x00-\x1f\x7f-\x9f\ud800-\udfff]+", re.IGNORECASE)
# An address may have a comma in it.
_BETWEEN_URLS = re.compile(r"[,;|\s]+(?=https?://)", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """Why a row cannot go to Meta: the field, and one of ``REASONS``."""

    field: str
    reason: str


class _Bad(ValueError):
    """The value of a field is none; its text is the reason."""


def read_item(raw: Mapping[str, Any], currencies: Collection[str]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Read one product from a row of a CSV file, where all are texts, or from a JSON object.

    Gives Meta's item, in one way of writing, and what is wrong with it: only an item without a problem may be sent.
    Other spellings of names are known, and columns that Meta does not know are left out (``unknown_fields``). A price
    has its currency in its own text or in a column ``currency``; ``currencies`` are the codes of ISO 4217.
    """
    values = _by_field(raw)
    currency = _currency(values)
    item: dict[str, Any] = {}
    problems = []
    for field, value in values.items():
        try:
            item[field] = _price(value, currency, currencies) if field in _PRICES else _READERS[field](field, value)
        except _Bad as bad:
            problems.append(Problem(field, str(bad)))
    return item, (*_missing(values), *problems)


def unknown_fields(names: Iterable[str]) -> tuple[str, ...]:
    """List the names of columns that ``read_item`` leaves out, as they are written, each once."""
    return tuple(dict.fromkeys(name for name in names if _canonical(name) not in _KNOWN))


def digest(item: Mapping[str, Any]) -> str:
    """Give 32 hexadecimal digits that are the same for equal items only."""
    written = json.dumps(item, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:32]


def request(method: Method, item: Mapping[str, Any]) -> dict[str, Any]:
    """Give one request of ``items_batch``; a deletion needs the item's id only."""
    if method == "DELETE":
        return {"method": method, "data": {"id": item["id"]}}
    return {"method": method, "data": {**_CLEARED, **item} if method == "UPDATE" else {**item}}


def _word(name: object) -> str:
    return name.strip("\ufeff \t").lower().replace(" ", "_") if isinstance(name, str) else ""


def _canonical(name: object) -> str:
    word = _word(name)
    return ALIASES.get(word, word)


def _by_field(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Take what is known and not empty; Meta's own name goes before another spelling of it."""
    values: dict[str, Any] = {}
    for name, value in sorted(raw.items(), key=lambda pair: _word(pair[0]) in ALIASES):
        field = _canonical(name)
        if field in _KNOWN and field not in values and not _is_empty(value):
            values[field] = value
    return values


def _is_empty(value: object) -> bool:
    return value is None or value == [] or value == {} or (isinstance(value, str) and not value.strip())


def _currency(values: dict[str, Any]) -> str:
    currency = values.pop("currency", "")
    return currency if isinstance(currency, str) else "no text, and so no code"


def _missing(values: Mapping[str, Any]) -> list[Problem]:
    has_brand = any(field in values for field in BRANDS)
    return [
        Problem(field, "missing") for field in REQUIRED if field not in values and not (field == "brand" and has_brand)
    ]


def _price(value: object, currency: str, currencies: Collection[str]) -> str:
    try:
        return read_price(value, currency, currencies)
    except BadPrice as bad:
        raise _Bad(bad.reason) from None


def _written(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if not isinstance(value, str) and not abs(value) < _TOO_LARGE:
        return ""
    return str(value).strip()


def _text(field: str, value: object) -> str:
    written = _written(value)
    if not written or (_CONTROL_BUT_LINES if field in _LONG_TEXTS else _CONTROL).search(written):
        raise _Bad("bad_text")
    if len(written) > _LIMITS.get(field, _LIMITS["description"] if field in _LONG_TEXTS else _LONGEST_OTHER_TEXT):
        raise _Bad("too_long")
    return written


def _choice(value: object, choices: Collection[str]) -> str:
    word = value.strip().lower() if isinstance(value, str) else ""
    for spelling in (word, re.sub("[_-]", " ", word), re.sub("[ -]", "_", word), word.replace("-", "")):
        if spelling in choices:
            return spelling
    raise _Bad("bad_choice")


def _link(field: str, value: object) -> str:
    written = value.strip() if isinstance(value, str) else ""
    if len(written) > _LONGEST_URL:
        raise _Bad("too_long")
    if not _URL.fullmatch(written) or not _has_host(written):
        raise _Bad("not_https")
    return written


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _links(field: str, value: object) -> list[str]:
    """Take further images: a list, or a text with a sign of separation between them."""
    parts = _BETWEEN_URLS.split(value.strip()) if isinstance(value, str) else value
    links = [_link(field, part) for part in (parts if isinstance(parts, list) else [None])]
    if len(links) > _MOST_IMAGES:
        raise _Bad("too_long")
    return links


def _number(field: str, value: object) -> int:
    written = _written(value)
    if not _WHOLE.fullmatch(written):
        raise _Bad("bad_number")
    return int(written)


def _structure(field: str, value: object) -> object:
    """Take a text as it is, and a list or an object of JSON whole."""
    if not isinstance(value, list | dict):
        return _text(field, value)
    try:
        is_plain = len(json.dumps(value, allow_nan=False)) <= _LONGEST_STRUCTURE and storable(value) == value
    except (ValueError, TypeError, RecursionError):
        is_plain = False
    if not is_plain:
        raise _Bad("bad_text")
    return value


_PRICES = ("price", "sale_price")
_READERS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys((*_LIMITS, *_LONG_TEXTS, *_OTHER_TEXTS), _text),
    **dict.fromkeys(_NUMBERS, _number),
    **dict.fromkeys(_STRUCTURES, _structure),
    "link": _link,
    "image_link": _link,
    "additional_image_link": _links,
    "availability": lambda _, value: _choice(value, AVAILABILITIES),
    "condition": lambda _, value: _choice(value, CONDITIONS),
}
_KNOWN = frozenset((*_READERS, *_PRICES, "currency"))
