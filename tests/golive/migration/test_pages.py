"""The pages of imports: a file is handed over, stopped, resumed."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from catalogs import uploads
from golive.migration.models import Import, ImportPart, ImportRow
from partners.models import MetaApp, Role
from partners.viewing import Viewer
from tests.admin_rows import signed_in
from tests.factories import MembershipFactory, MetaAppFactory

pytestmark = pytest.mark.django_db


def test_a_file_is_handed_over_stopped_and_resumed() -> None:
    app = MetaAppFactory.create()
    client = signed_in(MembershipFactory.create(partner=app.partner, role=Role.MANAGER).user)
    file = SimpleUploadedFile("v2.csv", b"external_business_id,access_token\nshop-1,EAAB-the-token\n")
    answer = client.post(reverse("golive-imports", args=[app.pk]), {"file": file})
    assert answer.status_code == 302, answer.content[-3000:]
    run = Import.objects.get()
    address = reverse("golive-import", args=[run.pk])
    assert answer["Location"] == address and run.state == Import.State.WAITING and ImportPart.objects.count() == 1
    for button, state in (("stop", Import.State.STOPPED), ("resume", Import.State.WAITING)):
        client.post(address, {button: "1"})
        run.refresh_from_db()
        assert run.state == state
    page = client.get(address)
    assert page.status_code == 200 and b"EAAB" not in page.content


def test_a_file_of_no_known_format_is_not_taken() -> None:
    app = MetaAppFactory.create()
    client = signed_in(MembershipFactory.create(partner=app.partner, role=Role.MANAGER).user)
    answer = client.post(reverse("golive-imports", args=[app.pk]), {"file": SimpleUploadedFile("v2.xlsx", b"x")})
    assert answer.status_code == 400 and not Import.objects.exists()


def manager_of(app: MetaApp) -> Client:
    """The browser of a manager."""
    return signed_in(MembershipFactory.create(partner=app.partner, role=Role.MANAGER).user)


def test_a_file_that_is_too_large_is_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 100_000)
    app = MetaAppFactory.create()
    file = SimpleUploadedFile("v2.csv", b"external_business_id,access_token\n" + b"shop-1,EAAB-the-token\n" * 10_000)
    answer = manager_of(app).post(reverse("golive-imports", args=[app.pk]), {"file": file})
    assert answer.status_code == 400 and "larger than 200 MB" in answer.content.decode()
    assert not Import.objects.exists()


def test_a_page_without_a_file_asks_for_one() -> None:
    app = MetaAppFactory.create()
    answer = manager_of(app).post(reverse("golive-imports", args=[app.pk]), {})
    assert answer.status_code == 400 and "Choose a file." in answer.content.decode()


def test_what_is_uploaded_has_no_name_on_the_disk(settings: Settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    request = RequestFactory().post(reverse("golive-imports", args=[1]))
    request.viewer = Viewer(is_platform=True)  # type: ignore[attr-defined]
    handler = uploads.LimitedUpload(request)
    handler.new_file("file", "v2.csv", "text/csv", None)
    handler.receive_data_chunk(b"EAAB-the-", 0)
    handler.receive_data_chunk(b"token", 9)
    assert list(tmp_path.iterdir()) == []
    assert b"".join(handler.file_complete(14).chunks()) == b"EAAB-the-token"


def test_everything_that_is_said_of_rows_can_be_paged_through() -> None:
    app = MetaAppFactory.create()
    run = Import.objects.create(partner=app.partner, meta_app=app, format="csv", state=Import.State.DONE, rejected=150)
    ImportRow.objects.bulk_create(
        ImportRow(
            partner=app.partner, run=run, line=number, outcome="rejected", reasons=["external_business_id:missing"]
        )
        for number in range(2, 152)
    )
    client, address = manager_of(app), reverse("golive-import", args=[run.pk])
    first, second = (client.get(f"{address}?p={number}").content.decode() for number in (1, 2))
    assert first.count("missing: external_business_id") == 100 and "page 1 of 2" in first
    assert second.count("missing: external_business_id") == 50 and "line 151" in second
