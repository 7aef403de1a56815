"""Files of products as shops write them, and their way in."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from catalogs.intakes import fill, new_intake
from catalogs.models import Format, Intake, Product, RejectedRow
from catalogs.taking import take
from partners.models import Business

LAMP = {
    "id": "lamp",
    "title": "A lamp",
    "description": "It shines.",
    "availability": "in stock",
    "condition": "new",
    "price": "9.99 USD",
    "link": "https://shop.example/lamp",
    "image_link": "https://shop.example/lamp.jpg",
    "brand": "Lamps",
}


def lamps(*ids: str, **values: str) -> list[dict[str, str]]:
    """A row for each id."""
    return [LAMP | {"id": each} | values for each in ids]


def as_csv(rows: Iterable[dict[str, str]], delimiter: str = ",") -> bytes:
    """A file of CSV."""
    rows = list(rows)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0].keys(), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_json_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    """A file of JSON Lines."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def arrived(business: Business, content: bytes, *, format: Format = Format.CSV, is_whole: bool = True) -> Intake:
    """A file that waits for a worker."""
    intake = new_intake(business, Intake.Origin.UPLOAD, format, name="file", is_whole=is_whole)
    fill(intake, [content[at : at + 70_000] for at in range(0, len(content), 70_000)])
    return intake


def taken(business: Business, content: bytes, **values: Any) -> Intake:
    """A file that a worker has taken."""
    intake = arrived(business, content, **values)
    take(business.partner_id, intake.pk)
    intake.refresh_from_db()
    return intake


def products(business: Business) -> dict[str, dict[str, Any]]:
    """The business's products."""
    return dict(Product.objects.filter(business=business).order_by("item_id").values_list("item_id", "item"))


def rejected(intake: Intake) -> dict[int, list[str]]:
    """The rejected rows: the reasons by their line."""
    return dict(RejectedRow.objects.filter(intake=intake).order_by("line").values_list("line", "reasons"))
