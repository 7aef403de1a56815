"""Making an export: part by part, each in a short transaction of its own, by one worker at a time."""

import gzip
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from partners.audit.csv_lines import header, lines
from partners.audit.models import AuditEntry, AuditExport, AuditExportPart
from partners.tenancy import platform, tenant
from partners.wake import Waker

logger = logging.getLogger(__name__)

ROWS_OF_A_PART = 2_000
MOST_ATTEMPTS = 5
KEPT_FOR = timedelta(days=7)

exporters = Waker("audit.sweep")
Status = AuditExport.Status


def unfinished(partner_id: int) -> QuerySet[AuditExport]:
    """The export that a partner waits for, if any."""
    return AuditExport.objects.filter(partner_id=partner_id, status__in=[Status.WAITING, Status.WORKING])


def ask_for_export(partner_id: int, asked_by: User, since: datetime, until: datetime) -> AuditExport:
    """Have the log of since <= time < until exported; where another export is unfinished, give that one instead."""
    wanted = AuditExport(partner_id=partner_id, asked_by=asked_by, since=since, until=until)
    with tenant(partner_id):
        AuditExport.objects.bulk_create([wanted], ignore_conflicts=True)
        transaction.on_commit(exporters.wake)
        return unfinished(partner_id).get()


def make_export(partner_id: int, export_id: int) -> bool:
    """Make the file, or go on where a dead worker left it; False, and word of it, where this is not to be done."""
    attempt = _claim(partner_id, export_id)
    if attempt is None:
        logger.warning("no export %s of partner %s is to be made", export_id, partner_id)
        return False
    while _make_part(partner_id, export_id, attempt):
        pass
    return True


def to_make() -> list[tuple[int, int]]:
    """The exports that no worker makes, as (partner, export)."""
    with platform():
        AuditExport.objects.filter(_is_free(), attempts__gte=MOST_ATTEMPTS).update(
            status=Status.FAILED, finished_at=Now()
        )
        return list(AuditExport.objects.filter(_is_free()).order_by("pk").values_list("partner_id", "pk"))


def forget_old() -> int:
    """Delete the exports that were asked for more than seven days ago; returns how many."""
    with platform():
        old = list(AuditExport.objects.filter(asked_at__lt=Now() - KEPT_FOR).values_list("pk", flat=True))
        AuditExport.objects.filter(pk__in=old).delete()
    return len(old)


def file_of(partner_id: int, export_id: int) -> Iterator[bytes]:
    """The lines of a finished export, a part at a time; each is read in a transaction of its own."""
    number = 0
    while (part := _part(partner_id, export_id, number)) is not None:
        yield gzip.decompress(part)
        number += 1


def _is_free() -> Q:
    return Q(status=Status.WAITING) | Q(status=Status.WORKING, claimed_until__lt=Now())


def _claim(partner_id: int, export_id: int) -> int | None:
    """Take the export for one more attempt, and give its number."""
    with tenant(partner_id):
        free = AuditExport.objects.filter(_is_free(), pk=export_id, partner_id=partner_id, attempts__lt=MOST_ATTEMPTS)
        if not free.update(status=Status.WORKING, claimed_until=_lease_end(), attempts=F("attempts") + 1):
            return None
        return AuditExport.objects.values_list("attempts", flat=True).get(pk=export_id)


def _make_part(partner_id: int, export_id: int, attempt: int) -> bool:
    """Write the next part; whether there may be more to write."""
    with tenant(partner_id):
        mine = AuditExport.objects.filter(pk=export_id, status=Status.WORKING, attempts=attempt)
        export = mine.select_for_update().first()
        if export is None:
            return False
        entries = list(_entries_after(export)[:ROWS_OF_A_PART])
        number = AuditExportPart.objects.filter(export=export).count()
        if entries or not number:
            text = lines(entries) if number else header() + lines(entries)
            AuditExportPart.objects.create(
                partner_id=partner_id, export=export, number=number, lines=gzip.compress(text, mtime=0)
            )
        _move_on(export, entries)
    return len(entries) == ROWS_OF_A_PART


def _move_on(export: AuditExport, entries: list[AuditEntry]) -> None:
    if entries:
        export.rows += len(entries)
        export.reached_at, export.reached_id = entries[-1].occurred_at, entries[-1].pk
    is_last = len(entries) < ROWS_OF_A_PART
    AuditExport.objects.filter(pk=export.pk).update(
        rows=export.rows,
        reached_at=export.reached_at,
        reached_id=export.reached_id,
        claimed_until=None if is_last else _lease_end(),
        status=Status.READY if is_last else Status.WORKING,
        finished_at=Now() if is_last else None,
    )


def _entries_after(export: AuditExport) -> QuerySet[AuditEntry]:
    reached = export.reached_at or export.since
    after = Q(occurred_at__gt=reached) | Q(occurred_at=reached, pk__gt=export.reached_id)
    of_period = AuditEntry.objects.filter(partner_id=export.partner_id, occurred_at__lt=export.until)
    return of_period.filter(after, occurred_at__gte=reached).order_by("occurred_at", "pk")


def _part(partner_id: int, export_id: int, number: int) -> bytes | None:
    with tenant(partner_id):
        parts = AuditExportPart.objects.filter(export_id=export_id, number=number)
        part = parts.values_list("lines", flat=True).first()
    return None if part is None else bytes(part)


def _lease_end() -> object:
    return Now() + timedelta(seconds=settings.CLAIM_SECONDS)
