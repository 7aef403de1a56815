"""The pages of imports: a file is handed over, stopped, resumed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from golive.migration.models import Import, ImportPart
from partners.models import Role
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
