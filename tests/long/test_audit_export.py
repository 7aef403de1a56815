"""A long audit log as a file: every entry once, in transactions that stay short."""

import csv
import io
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from partners.audit import exporting
from partners.audit.models import AuditEntry, AuditExport
from tests.factories import MembershipFactory

pytestmark = [pytest.mark.long, pytest.mark.django_db]

COUNT = 100_000
MOST_SECONDS_OF_A_PART = 2.0


def test_a_hundred_thousand_entries_become_a_file() -> None:
    owner = MembershipFactory.create()
    now = timezone.now()
    moments = (now - timedelta(seconds=number // 3) for number in range(COUNT))
    rows = [AuditEntry(partner=owner.partner, occurred_at=at, actor_name="somebody", object_id="7") for at in moments]
    AuditEntry.objects.bulk_create(rows, batch_size=5_000)
    since, until = now - timedelta(days=90), now + timedelta(seconds=1)
    export = exporting.ask_for_export(owner.partner_id, owner.user, since, until)
    attempt = exporting._claim(owner.partner_id, export.pk)
    assert attempt == 1
    slowest, is_more = 0.0, True
    while is_more:
        started = time.monotonic()
        is_more = exporting._make_part(owner.partner_id, export.pk, attempt)
        slowest = max(slowest, time.monotonic() - started)
    assert slowest < MOST_SECONDS_OF_A_PART
    export.refresh_from_db()
    assert (export.status, export.rows) == (AuditExport.Status.READY, COUNT)
    content = b"".join(exporting.file_of(owner.partner_id, export.pk)).decode("utf-8-sig")
    times = [line["at"] for line in csv.DictReader(io.StringIO(content, newline=""))]
    assert len(times) == COUNT
    assert times == sorted(times)
