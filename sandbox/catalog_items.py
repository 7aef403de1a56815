"""Items of a catalog as an `items_batch` brings them, and what Meta refuses about them (meta-api, 9.2)."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from sandbox.model import Json

METHODS = ("CREATE", "UPDATE", "DELETE")
REQUIRED = ("title", "description", "availability", "condition", "price", "link", "image_link", "brand")
_PRICE = re.compile(r"^\d+(\.\d{1,3})? [A-Z]{3}$")


@dataclass(frozen=True)
class ItemRequest:
    """One element of `requests`; `data` is without the id."""

    method: str
    item_id: str
    data: Json = field(repr=False)

    @property
    def price(self) -> str:
        """The price as it came, "" for none."""
        return str(self.data.get("price", ""))


class MalformedRequest(ValueError):
    """An element of `requests` that cannot be read; the message says which and why."""


def read_requests(rows: list[Json]) -> list[ItemRequest]:
    """The elements of `requests`. Raises MalformedRequest for the first that has no known method or no id."""
    return [_request(number, row) for number, row in enumerate(rows)]


def _request(number: int, row: Json) -> ItemRequest:
    method, data = row.get("method"), row.get("data")
    if method not in METHODS:
        raise MalformedRequest(f"requests[{number}][method] must be one of {', '.join(METHODS)}")
    if not isinstance(data, dict) or not isinstance(data.get("id"), str) or not data["id"]:
        raise MalformedRequest(f"requests[{number}][data][id] is required")
    return ItemRequest(method, data["id"], {name: value for name, value in data.items() if name != "id"})


def refusal_of(request: ItemRequest, refused_ids: Collection[str], *, is_there: bool, allow_upsert: bool) -> str:
    """Why Meta refuses this item, "" for one that it takes. An update of what is there may name only what changes."""
    if request.item_id in refused_ids:
        return "This item does not comply with the policies."
    if request.method == "DELETE":
        return ""
    if request.method == "UPDATE" and not is_there and not allow_upsert:
        return "There is no item with this id."
    is_partial = request.method == "UPDATE" and is_there
    missing = [name for name in REQUIRED if not (request.data.get(name) or (is_partial and name not in request.data))]
    if missing:
        return f"A required field is missing: {', '.join(missing)}."
    if "price" in request.data and not _PRICE.match(request.price):
        return f"The price {request.price[:50]!r} is not an amount with a currency, as in 9.99 USD."
    return ""
