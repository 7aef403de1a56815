"""Exports: asked for by owners, made part by part by a worker, downloaded as CSV, forgotten after a week."""

import csv
import io
import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import cast

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from partners.audit import exporting
from partners.audit.csv_lines import COLUMNS
from partners.audit.models import Action, AuditEntry, AuditExport, AuditExportPart, Via
from partners.audit.recording import By, record
from partners.audit.tasks import export as export_task
from partners.models import Membership, Partner
from tests.admin_rows import page, signed_in, superuser
from tests.factories import BusinessFactory, MembershipFactory
from tests.features.test_fencing import in_threads

pytestmark = pytest.mark.django_db

ADD = reverse("admin:audit_auditexport_add")
Status = AuditExport.Status


@pytest.fixture
def owner() -> Membership:
    """Somebody who may export the log of a partner."""
    return MembershipFactory.create()


def entries(partner: Partner, count: int, **values: object) -> list[AuditEntry]:
    """That many entries of a partner, a second apart, the last one now."""
    now = timezone.now()
    known = {"actor_name": "somebody", "via": Via.ADMIN, "action": Action.CHANGED, "object_type": "partners.business"}
    rows = [
        AuditEntry(
            partner=partner,
            occurred_at=now - timedelta(seconds=count - number),
            **{**known, "object_id": str(number), "object_name": f"Shop {number}", **values},
        )
        for number in range(count)
    ]
    return AuditEntry.objects.bulk_create(rows)


def asked(owner: Membership, **days: str) -> AuditExport:
    """An export as an owner asks for it on the page."""
    today = timezone.localdate()
    period = {"first_day": str(today - timedelta(days=90)), "last_day": str(today)}
    answer = signed_in(owner.user).post(ADD, period | days)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    export = AuditExport.objects.get(partner=owner.partner)
    assert answer["Location"] == page("audit_auditexport", export)
    return export


def made(export: AuditExport) -> AuditExport:
    """The export after a worker has had it."""
    exporting.make_export(export.partner_id, export.pk)
    export.refresh_from_db()
    return export


def file_of(client: Client, export: AuditExport) -> list[dict[str, str]]:
    """The lines of the file as a spreadsheet reads them."""
    answer = client.get(page("audit_auditexport", export, "download"))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(cast(Iterable[bytes], cast(StreamingHttpResponse, answer).streaming_content))
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_an_owner_asks_watches_and_downloads(owner: Membership) -> None:
    entries(owner.partner, 3)
    client = signed_in(owner.user)
    export = asked(owner)
    waiting = client.get(page("audit_auditexport", export)).content.decode()
    assert 'http-equiv="refresh"' in waiting
    assert client.get(page("audit_auditexport", export, "download")).status_code == 302
    made(export)
    assert (export.status, export.rows) == (Status.READY, 3)
    ready = client.get(page("audit_auditexport", export)).content.decode()
    assert 'http-equiv="refresh"' not in ready
    assert page("audit_auditexport", export, "download") in ready
    lines = file_of(client, export)
    assert [line["what"] for line in lines] == ["Shop 0", "Shop 1", "Shop 2"]
    assert tuple(lines[0]) == COLUMNS


def test_asking_and_downloading_are_in_the_log(owner: Membership) -> None:
    export = made(asked(owner))
    assert AuditEntry.objects.get(action=Action.EXPORTED).object_id == str(export.pk)
    file_of(signed_in(owner.user), export)
    entry = AuditEntry.objects.get(action=Action.DOWNLOADED)
    assert (entry.partner_id, entry.actor_name) == (owner.partner_id, owner.user.username)


def test_a_file_of_many_parts_has_every_entry_once_and_in_order(owner: Membership) -> None:
    count = 2 * exporting.ROWS_OF_A_PART + 500
    # Many of one moment: the number decides among them.
    entries(owner.partner, count)
    moment = timezone.now() - timedelta(minutes=1)
    AuditEntry.objects.bulk_create(
        [AuditEntry(partner=owner.partner, occurred_at=moment, object_id=f"m{n}") for n in range(count)]
    )
    export = made(asked(owner))
    assert export.rows == 2 * count
    assert AuditExportPart.objects.filter(export=export).count() == 3 * 2 - 1
    numbers = [line["number"] for line in file_of(signed_in(owner.user), export)]
    assert len(numbers) == len(set(numbers)) == 2 * count


def test_an_empty_log_is_a_file_with_a_first_line(owner: Membership) -> None:
    export = asked(owner, first_day="2020-01-01", last_day="2020-01-02")
    assert made(export).status == Status.READY
    assert file_of(signed_in(owner.user), export) == []
    assert AuditExportPart.objects.filter(export=export).count() == 1


def test_the_period_is_of_whole_days_in_the_zone_of_who_asks(owner: Membership) -> None:
    client = signed_in(owner.user)
    client.cookies["time_zone"] = "Asia/Hong_Kong"
    client.post(ADD, {"first_day": "2026-03-01", "last_day": "2026-03-02"})
    export = AuditExport.objects.get()
    assert export.since.isoformat() == "2026-02-28T16:00:00+00:00"
    assert export.until.isoformat() == "2026-03-02T16:00:00+00:00"


def test_only_the_period_is_in_the_file(owner: Membership) -> None:
    entries(owner.partner, 1)
    old, early, late = entries(owner.partner, 3)
    for entry, day in ((old, "2026-02-28T23:59:59"), (early, "2026-03-01T00:00:00"), (late, "2026-03-02T23:59:59")):
        AuditEntry.objects.bulk_create(
            [AuditEntry(partner=owner.partner, occurred_at=f"{day}+00:00", object_id=f"on-{entry.object_id}")]
        )
    export = made(asked(owner, first_day="2026-03-01", last_day="2026-03-02"))
    assert [line["number"] for line in file_of(signed_in(owner.user), export)] == ["on-1", "on-2"]


def test_a_period_that_ends_before_it_begins_is_refused(owner: Membership) -> None:
    answer = signed_in(owner.user).post(ADD, {"first_day": "2026-03-02", "last_day": "2026-03-01"})
    assert answer.context["adminform"].form.errors["last_day"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(owner: Membership, start: str) -> None:
    formula = f'{start}HYPERLINK("https://evil.example")'
    entries(owner.partner, 1, object_name=formula, actor_name=formula)
    line = file_of(signed_in(owner.user), made(asked(owner)))[0]
    assert line["what"] == line["by"] == f"'{formula}"


def test_a_file_has_the_own_partners_entries_only(owner: Membership) -> None:
    entries(MembershipFactory.create().partner, 2, object_name="foreign")
    by = By(None, "somebody", "192.0.2.7", Via.TASK)
    record(Action.CHANGED, BusinessFactory.create(partner=owner.partner), by=by, changes={"name": ["店", "書店"]})
    lines = file_of(signed_in(owner.user), made(asked(owner)))
    assert [(line["from"], line["changes"]) for line in lines] == [("192.0.2.7", '{"name": ["店", "書店"]}')]


def test_a_stranger_finds_no_export(owner: Membership) -> None:
    export = made(asked(owner))
    stranger = signed_in(MembershipFactory.create().user)
    for view in ("change", "download", "history", "delete"):
        assert stranger.get(page("audit_auditexport", export, view)).status_code in (403, 404)
    assert stranger.get(page("audit_auditexport", export, "download")).status_code == 404


def test_platform_staff_who_look_at_all_export_no_single_log() -> None:
    assert signed_in(superuser()).get(ADD).status_code == 403


def test_one_export_at_a_time(owner: Membership) -> None:
    export = asked(owner)
    client = signed_in(owner.user)
    assert client.get(ADD)["Location"] == page("audit_auditexport", export)
    assert client.post(ADD, {"first_day": "2026-03-01", "last_day": "2026-03-02"}).status_code == 302
    again = exporting.ask_for_export(owner.partner_id, owner.user, export.since, export.until)
    assert again == export
    assert AuditExport.objects.count() == 1


def test_the_task_with_another_partner_does_nothing_and_says_so(
    owner: Membership, caplog: pytest.LogCaptureFixture
) -> None:
    export = asked(owner)
    stranger = MembershipFactory.create().partner
    with caplog.at_level(logging.WARNING, "partners.audit.exporting"):
        export_task(stranger.pk, export.pk)
    assert f"no export {export.pk} of partner {stranger.pk} is to be made" in caplog.text
    export.refresh_from_db()
    assert export.status == Status.WAITING
    assert not AuditExportPart.objects.exists()


def test_what_a_dead_worker_left_is_gone_on_with(owner: Membership) -> None:
    entries(owner.partner, exporting.ROWS_OF_A_PART + 1)
    export = asked(owner)
    attempt = exporting._claim(export.partner_id, export.pk)
    assert attempt == 1
    assert exporting._make_part(export.partner_id, export.pk, attempt)
    assert exporting.to_make() == []
    AuditExport.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert exporting.to_make() == [(export.partner_id, export.pk)]
    assert made(export).status == Status.READY
    assert export.attempts == 2
    assert not exporting._make_part(export.partner_id, export.pk, attempt)
    assert len(file_of(signed_in(owner.user), export)) == exporting.ROWS_OF_A_PART + 1


def test_an_export_that_fails_again_and_again_is_given_up(owner: Membership) -> None:
    export = asked(owner)
    lapsed = timezone.now() - timedelta(seconds=1)
    AuditExport.objects.update(status=Status.WORKING, attempts=exporting.MOST_ATTEMPTS, claimed_until=lapsed)
    assert exporting.to_make() == []
    export.refresh_from_db()
    assert export.status == Status.FAILED
    assert "Ask for it once more" in signed_in(owner.user).get(page("audit_auditexport", export)).content.decode()
    assert signed_in(owner.user).get(ADD).status_code == 200


def test_an_export_is_forgotten_after_a_week(owner: Membership) -> None:
    old = made(asked(owner))
    AuditExport.objects.filter(pk=old.pk).update(asked_at=timezone.now() - timedelta(days=7, minutes=1))
    asked_now = exporting.ask_for_export(owner.partner_id, owner.user, old.since, old.until)
    assert exporting.forget_old() == 1
    assert list(AuditExport.objects.all()) == [asked_now]
    assert not AuditExportPart.objects.exists()


def test_asking_does_not_wait_for_the_broker(
    owner: Membership, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as after_commit:
        asked(owner)
    assert exporting.exporters.wake in after_commit


@pytest.mark.django_db(transaction=True)
def test_several_workers_make_an_export_once() -> None:
    owner = MembershipFactory.create()
    entries(owner.partner, exporting.ROWS_OF_A_PART + 1)
    now = timezone.now()
    export = exporting.ask_for_export(owner.partner_id, owner.user, now - timedelta(days=1), now)
    made = in_threads(4, lambda: exporting.make_export(export.partner_id, export.pk))
    assert sorted(made) == [False, False, False, True]
    export.refresh_from_db()
    assert (export.status, export.rows) == (Status.READY, exporting.ROWS_OF_A_PART + 1)
    assert export.parts.count() == 2
