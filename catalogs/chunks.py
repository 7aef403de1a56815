"""A chunk of rows: checked, compared with the products that are there, and written with the intake's progress."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from babel.numbers import list_currencies
from django.db.models import F
from django.utils import timezone

from catalogs.lines import Place
from catalogs.models import LONGEST_ITEM_ID, Intake, IntakeItem, Product, RejectedRow
from catalogs.reading import Row
from mbe.products import digest, read_item

ROWS_OF_A_CHUNK = 1_000
BYTES_OF_A_CHUNK = 2 * 1024 * 1024
MOST_REJECTED_ROWS_KEPT = 10_000
CURRENCIES = frozenset(list_currencies())


@dataclass(frozen=True)
class Read:
    """A row as Meta's item, or with the reasons why it is none."""

    line: int
    item_id: str
    item: dict[str, Any]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """Rows that are written together, and where the next one begins."""

    rows: list[Read]
    end: Place


def chunks_of(rows: Iterable[Row], begun: Place) -> Iterator[Chunk]:
    """Gather the rows that begin at a place: up to 1,000, and about two megabytes."""
    gathered: list[Read] = []
    end = begun
    for row in rows:
        gathered.append(read(row))
        end = row.end
        if len(gathered) >= ROWS_OF_A_CHUNK or end.offset - begun.offset >= BYTES_OF_A_CHUNK:
            yield Chunk(gathered, end)
            gathered, begun = [], end
    if gathered:
        yield Chunk(gathered, end)


def read(row: Row) -> Read:
    """Check one row."""
    if row.reason:
        return Read(row.line, "", {}, (f"row:{row.reason}",))
    item, problems = read_item(row.values, CURRENCIES)
    item_id = str(item.pop("id", ""))
    return Read(row.line, item_id, item, tuple(f"{each.field}:{each.reason}" for each in problems))


def write(intake: Intake, chunk: Chunk) -> None:
    """Write what is new or differs, and note how far the intake is; call it inside `tenant`, the intake locked."""
    firsts = _first_lines(intake, chunk.rows)
    good: list[Read] = []
    bad: list[Read] = []
    for row in chunk.rows:
        first = firsts.get(row.item_id, row.line)
        if first != row.line:
            bad.append(Read(row.line, row.item_id, {}, (f"id:duplicate:{first}",)))
        else:
            (bad if row.reasons else good).append(row)
    changed = _write_products(intake, good)
    _write_rejected(intake, bad)
    Intake.objects.filter(pk=intake.pk).update(
        bytes_read=chunk.end.offset,
        lines_read=chunk.end.line,
        taken=F("taken") + len(good),
        changed=F("changed") + changed,
        rejected=F("rejected") + len(bad),
    )


def _first_lines(intake: Intake, rows: list[Read]) -> dict[str, int]:
    """Of every id the line that named it first in this file, good or bad: a bad row removes no product."""
    lines = {row.item_id: row.line for row in reversed(rows) if row.item_id}
    named = [
        IntakeItem(partner_id=intake.partner_id, intake=intake, item_id=item_id, line=line)
        for item_id, line in lines.items()
    ]
    IntakeItem.objects.bulk_create(named, ignore_conflicts=True)
    known = IntakeItem.objects.filter(intake=intake, item_id__in=list(lines))
    return dict(known.values_list("item_id", "line"))


def _write_products(intake: Intake, rows: list[Read]) -> int:
    ids = [row.item_id for row in rows]
    of_business = Product.objects.filter(business_id=intake.business_id, item_id__in=ids)
    known = dict(of_business.values_list("item_id", "digest"))
    now = timezone.now()
    products = [
        Product(
            partner_id=intake.partner_id,
            business_id=intake.business_id,
            item_id=row.item_id,
            item=row.item,
            digest=digest(row.item),
            changed_at=now,
        )
        for row in rows
    ]
    differing = [each for each in products if known.get(each.item_id) != each.digest]
    Product.objects.bulk_create(
        differing,
        update_conflicts=True,
        unique_fields=["business", "item_id"],
        update_fields=["item", "digest", "changed_at"],
    )
    return len(differing)


def _write_rejected(intake: Intake, rows: list[Read]) -> None:
    kept = rows[: max(0, MOST_REJECTED_ROWS_KEPT - intake.rejected)]
    RejectedRow.objects.bulk_create(
        RejectedRow(
            partner_id=intake.partner_id,
            intake=intake,
            line=row.line,
            item_id=row.item_id[:LONGEST_ITEM_ID],
            reasons=list(row.reasons),
        )
        for row in kept
    )
