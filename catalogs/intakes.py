"""Intakes: how a file arrives in parts, how it is read again from any place, how it ends."""

import zlib
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from catalogs.models import Format, Intake, IntakeItem, IntakePart, RejectedRow
from catalogs.unpacking import Unreadable, unpacked
from catalogs.wake import takers
from partners.models import Business
from partners.tenancy import tenant

# Of the file as it is; each part is compressed by itself, so that reading can begin anywhere.
PART_BYTES = 1024 * 1024
# Whoever hands over a file may be slow; after so long without a part it has broken off.
ARRIVAL_SECONDS = 600
INTAKES_WITH_ROWS = 5
JSON_ENDINGS = (".jsonl", ".ndjson", ".json")

State = Intake.State


class ArrivalEnded(Exception):
    """The intake no longer waits for its file."""


def format_of(name: str) -> Format | None:
    """The format that a file's name tells, compressed or not; None where it tells none."""
    ending = name.lower().removesuffix(".gz")
    if ending.endswith(JSON_ENDINGS):
        return Format.JSON_LINES
    return Format.CSV if ending.endswith((".csv", ".tsv", ".txt")) else None


def new_intake(
    business: Business,
    origin: Intake.Origin,
    format: Format,
    *,
    name: str = "",
    is_whole: bool = True,
    asked_by: User | None = None,
) -> Intake:
    """Write down that products are about to arrive; `fill` brings them."""
    with tenant(business.partner_id):
        return Intake.objects.create(
            partner_id=business.partner_id,
            business=business,
            origin=origin,
            format=format,
            name=name[-200:].replace("\0", ""),
            is_whole=is_whole,
            asked_by=asked_by,
            claimed_until=_arrival_end(),
        )


def fill(intake: Intake, pieces: Iterable[bytes]) -> str:
    """Keep the file in parts as it comes, and have it read.

    Gives the problem (a code of `catalogs.wording`) where it cannot be taken: then the intake has failed, and says so,
    too. Raises what the pieces raise, and ArrivalEnded where nobody waits for the file any more.
    """
    try:
        for number, part in enumerate(in_parts(unpacked(pieces), PART_BYTES)):
            _keep(intake, number, part)
    except Unreadable as error:
        fail(intake, error.code)
        return error.code
    with tenant(intake.partner_id):
        if not _arriving(intake).update(state=State.WAITING, claimed_until=None):
            raise ArrivalEnded
        transaction.on_commit(takers.wake)
    return ""


def pieces_from(intake: Intake, offset: int) -> Iterator[bytes]:
    """Give the file from a place on, each part read in a transaction of its own."""
    number, skipped = divmod(offset, PART_BYTES)
    while part := _part(intake, number):
        yield part[skipped:]
        number, skipped = number + 1, 0


def discard(intake: Intake) -> None:
    """Forget an intake whose file broke off while it arrived."""
    with tenant(intake.partner_id):
        if _arriving(intake).exists():
            forget_content(intake)
            _arriving(intake).delete()


def fail(intake: Intake, code: str) -> None:
    """End an intake that cannot be taken; what was taken of it stays."""
    with tenant(intake.partner_id):
        forget_content(intake)
        Intake.objects.filter(pk=intake.pk).update(
            state=State.FAILED, problem=code[:500], claimed_until=None, finished_at=Now()
        )


def forget_content(intake: Intake) -> None:
    """Delete the file and what was noted while it was read; of the business's older intakes the rejected rows, too."""
    IntakePart.objects.filter(intake=intake).delete()
    IntakeItem.objects.filter(intake=intake).delete()
    of_business = Intake.objects.filter(business_id=intake.business_id).order_by("-pk")
    oldest_kept = of_business.values_list("pk", flat=True)[INTAKES_WITH_ROWS - 1 : INTAKES_WITH_ROWS].first()
    if oldest_kept is not None:
        RejectedRow.objects.filter(intake__in=of_business.filter(pk__lt=oldest_kept)).delete()


def in_parts(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Give the same bytes in parts of `size`, the last one as long as it is."""
    kept = bytearray()
    for piece in pieces:
        kept += piece
        while len(kept) >= size:
            yield bytes(kept[:size])
            del kept[:size]
    if kept:
        yield bytes(kept)


def _keep(intake: Intake, number: int, part: bytes) -> None:
    content = zlib.compress(part, 1)
    with tenant(intake.partner_id):
        if not _arriving(intake).update(size=F("size") + len(part), claimed_until=_arrival_end()):
            raise ArrivalEnded
        IntakePart.objects.create(partner_id=intake.partner_id, intake=intake, number=number, content=content)


def _part(intake: Intake, number: int) -> bytes:
    with tenant(intake.partner_id):
        parts = IntakePart.objects.filter(intake=intake, number=number)
        content = parts.values_list("content", flat=True).first()
    return zlib.decompress(content) if content else b""


def _arriving(intake: Intake) -> QuerySet[Intake]:
    return Intake.objects.filter(pk=intake.pk, state=State.ARRIVING)


def _arrival_end() -> Combinable:
    return Now() + timedelta(seconds=ARRIVAL_SECONDS)
