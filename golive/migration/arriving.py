"""How a file of v2 installations arrives: checked at its head, kept sealed in parts until its rows are taken."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from catalogs.heads import DELIMITERS, Head, check_encoding, divided, json_head
from catalogs.intakes import ARRIVAL_SECONDS, ArrivalEnded, in_parts
from catalogs.lines import Place
from catalogs.models import Format
from catalogs.unpacking import Unreadable, is_gzip, unpacked
from golive.migration.columns import NEEDED, column, is_known
from golive.migration.models import Import, ImportPart, ImportRow
from golive.migration.wake import takers
from mbe.wire import storable
from partners.encryption import seal, unseal_bytes
from partners.models import MetaApp
from partners.tenancy import tenant

PART_BYTES = 256 * 1024
MOST_NAMES = 50

State = Import.State


def new_import(
    meta_app: MetaApp, format: Format, *, name: str = "", is_dry_run: bool = False, asked_by: User | None = None
) -> Import:
    """Write down that a file is about to arrive; `fill` brings it."""
    with tenant(meta_app.partner_id):
        return Import.objects.create(
            partner_id=meta_app.partner_id,
            meta_app=meta_app,
            format=format,
            name=str(storable(name[-200:])),
            is_dry_run=is_dry_run,
            asked_by=asked_by,
            claimed_until=Now() + timedelta(seconds=ARRIVAL_SECONDS),
        )


def fill(run: Import, pieces: Iterable[bytes]) -> str:
    """Keep the file as it comes, and have it taken.

    Gives the problem (a code of `golive.migration.wording`) where it cannot be taken: then the import has failed.
    Raises what the pieces raise, and ArrivalEnded where nobody waits for the file any more.
    """
    first, given = _begun(pieces)
    try:
        for number, part in enumerate(in_parts(unpacked(given), PART_BYTES)):
            if not number:
                _keep_head(run, part, is_misnamed=run.name.lower().endswith(".gz") and not is_gzip(first))
            _keep(run, number, part)
        if not run.head:
            raise Unreadable("empty")
    except Unreadable as error:
        fail(run, error.code, state=State.ARRIVING)
        return error.code
    with tenant(run.partner_id):
        if not _arriving(run).update(state=State.WAITING, claimed_until=None):
            raise ArrivalEnded
        transaction.on_commit(takers.wake)
    return ""


def head_of(run: Import) -> Head:
    """What `fill` saw at the file's beginning."""
    given: dict[str, Any] = run.head
    return Head(Place(given["offset"], given["line"]), given["delimiter"], tuple(given["names"]))


def pieces_from(run: Import, offset: int) -> Iterator[bytes]:
    """Give the file from a place on, each part read in a transaction of its own."""
    number, skipped = divmod(offset, PART_BYTES)
    while part := _part(run, number):
        yield part[skipped:]
        number, skipped = number + 1, 0


def forget_read(run: Import, offset: int) -> None:
    """Delete the parts that lie wholly before a place; call it inside `tenant`."""
    ImportPart.objects.filter(run=run, number__lt=offset // PART_BYTES).delete()


def forget_content(run: Import) -> None:
    """Delete the file, and the rows of which there is nothing to say; call it inside `tenant`."""
    ImportPart.objects.filter(run=run).delete()
    ImportRow.objects.filter(run=run, reasons=[], installation_to_sync=None).delete()


def fail(run: Import, code: str, *, state: str, **lease: Any) -> None:
    """End an import that cannot be taken; what was taken of it stays.

    Not where it is no longer in this state, with this lease if one is named: then it was judged by what has passed.
    """
    with tenant(run.partner_id):
        judged = Import.objects.filter(pk=run.pk, state=state, **lease).select_for_update().first()
        if judged is None:
            return
        forget_content(judged)
        Import.objects.filter(pk=judged.pk).update(
            state=State.FAILED, problem=code[:500], claimed_until=None, finished_at=Now()
        )


def _begun(pieces: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first piece that is not empty, and all of them."""
    left = filter(None, pieces)
    first = next(left, b"")
    return first, chain([first], left)


def _keep_head(run: Import, beginning: bytes, *, is_misnamed: bool) -> None:
    try:
        head = _head(run, beginning)
    except Unreadable as error:
        # Some browsers unpack a file and leave its name: what can be read is taken.
        raise Unreadable("no_gzip") if is_misnamed and error.code != "empty" else error from None
    # Of JSON only the first object's names are known here.
    ignored = storable([name[:100] for name in head.names if not is_known(name)][:MOST_NAMES])
    names = storable([column(name) for name in head.names] if run.format == Format.CSV else [])
    run.head = {"offset": head.body.offset, "line": head.body.line, "delimiter": head.delimiter, "names": names}
    with tenant(run.partner_id):
        _arriving(run).update(head=run.head, ignored=ignored)


def _head(run: Import, beginning: bytes) -> Head:
    check_encoding(beginning)
    if b"\r" in beginning.strip() and b"\n" not in beginning:
        raise Unreadable("bare_cr")
    return json_head(beginning) if run.format == Format.JSON_LINES else _csv_head(beginning)


def _csv_head(beginning: bytes) -> Head:
    heads = [divided(beginning, delimiter) for delimiter in DELIMITERS]
    best = max(heads, key=lambda head: sum(map(is_known, head.names)))
    # Without a head of its own the first row would be taken for one, and its token for a column's name.
    if missing := [name for name in NEEDED if name not in map(column, best.names)]:
        raise Unreadable(f"no_column:{missing[0]}")
    if len({column(name) for name in best.names}) < len(best.names):
        raise Unreadable("column_twice")
    return best


def _keep(run: Import, number: int, part: bytes) -> None:
    sealed = seal(part)
    with tenant(run.partner_id):
        end = Now() + timedelta(seconds=ARRIVAL_SECONDS)
        if not _arriving(run).update(size=F("size") + len(part), claimed_until=end):
            raise ArrivalEnded
        ImportPart.objects.create(partner_id=run.partner_id, run=run, number=number, sealed=sealed)


def _part(run: Import, number: int) -> bytes:
    with tenant(run.partner_id):
        sealed = ImportPart.objects.filter(run=run, number=number).values_list("sealed", flat=True).first()
    return unseal_bytes(sealed) if sealed else b""


def _arriving(run: Import) -> QuerySet[Import]:
    return Import.objects.filter(pk=run.pk, state=State.ARRIVING)
