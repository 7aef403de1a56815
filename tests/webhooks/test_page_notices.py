"""What Meta tells about Pages is counted and answered, and stays out of the inbox."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from features.activation.models import PageNoticeCount
from features.activation.page_notices import add, received
from mbe.signature import sign
from partners.models import MetaApp
from partners.tenancy import tenant
from tests.admin_rows import page, signed_in
from tests.factories import MembershipFactory, MetaAppFactory
from tests.owner import connect_as_owner
from webhooks.models import Delivery, RefusedCount

LARGE = "9007199254740993"


@pytest.fixture
def app(db: None) -> MetaApp:
    """The app whose endpoint is knocked at."""
    return MetaAppFactory.create()


def post(app: MetaApp, content: Any, secret: str = "") -> int:
    """Deliver a body; the status of the answer."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {"X-Hub-Signature-256": sign(body, secret or app.secret)}
    answer = Client().post(f"/webhooks/meta/{app.app_id}/", body, content_type="application/json", headers=headers)
    return answer.status_code


def lead(page_id: object = "7", field: str = "leadgen") -> dict[str, Any]:
    """A lead's notice."""
    value = {"leadgen_id": 9_007_199_254_740_995, "page_id": page_id, "secret": "of a person"}
    entry = {"id": page_id, "time": 1, "changes": [{"field": field, "value": value}]}
    return {"object": "page", "entry": [entry]}


def counts() -> dict[tuple[str, str], int]:
    """All that was counted."""
    return {(each.page_id, each.field): each.count for each in PageNoticeCount.objects.all()}


def test_leads_are_counted_and_kept_out_of_the_inbox(app: MetaApp) -> None:
    assert [post(app, lead()), post(app, lead()), post(app, lead("8"))] == [200, 200, 200]
    assert counts() == {("7", "leadgen"): 2, ("8", "leadgen"): 1}
    assert not Delivery.objects.exists()
    assert {each.partner_id for each in PageNoticeCount.objects.all()} == {app.partner_id}


def test_the_order_of_keys_and_the_size_of_ids_change_nothing(app: MetaApp) -> None:
    body = lead(int(LARGE))
    assert post(app, {"entry": body["entry"], "object": body["object"]}) == 200
    assert counts() == {(LARGE, "leadgen"): 1}


def test_a_wrong_signature_is_refused_and_not_counted_as_a_notice(app: MetaApp) -> None:
    assert post(app, lead(), secret="wrong") == 403
    assert counts() == {}
    assert RefusedCount.objects.get().count == 1


@pytest.mark.parametrize(
    "content",
    [
        {"object": "user", "entry": [{"id": "7", "changes": [{"field": "leadgen"}]}]},
        {"object": "page", "entry": []},
        {"data": [{"page": "7"}]},
        b'{"object": "page", "entry": [',
    ],
)
def test_everything_else_goes_to_the_inbox_as_before(app: MetaApp, content: Any) -> None:
    assert post(app, content) == 200
    assert Delivery.objects.count() == 1
    assert counts() == {}


def test_a_notice_of_nothing_known_is_counted(app: MetaApp) -> None:
    assert post(app, {"object": "page", "entry": [{"id": "no page\x00", "changes": [{"field": "\ud800" * 99}]}]}) == 200
    assert counts() == {("", ""): 1}


def test_what_cannot_be_counted_is_a_503_so_that_meta_sends_it_again(app: MetaApp) -> None:
    with connect_as_owner() as owner, owner.transaction(), connection.cursor() as cursor:
        owner.execute("LOCK TABLE activation_pagenoticecount")
        cursor.execute("SAVEPOINT locked")
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
        assert post(app, lead()) == 503
        cursor.execute("ROLLBACK TO SAVEPOINT locked")
    assert post(app, lead()) == 200
    assert counts() == {("7", "leadgen"): 1}


def test_a_feature_sees_what_came_for_its_fields_on_all_days(app: MetaApp) -> None:
    post(app, lead())
    yesterday = timezone.now() - timedelta(days=1)
    PageNoticeCount.objects.create(
        partner=app.partner,
        meta_app=app,
        page_id="7",
        field="leadgen",
        day=yesterday.date(),
        count=4,
        last_at=yesterday,
    )
    found = received(app.pk, "7", "lead_ads")
    assert found.count == 5
    assert found.last_at is not None and found.last_at > yesterday
    assert (received(app.pk, "7", "messaging").count, received(app.pk, "7", "messaging").last_at) == (0, None)


def test_the_apps_page_shows_the_newest_counts(app: MetaApp) -> None:
    add(app.partner_id, app.pk, {(LARGE, "leadgen"): 41})
    member = MembershipFactory.create(partner=app.partner)
    content = signed_in(member.user).get(page("partners_metaapp", app)).content.decode()
    assert f"<td>{LARGE}</td><td>leadgen</td><td>41</td>" in content


@pytest.mark.django_db(transaction=True)
def test_bodies_about_the_same_pages_at_once_lose_no_count() -> None:
    app = MetaAppFactory.create()
    pages = [str(number) for number in range(1, 6)]

    def tell(order: int) -> None:
        for _ in range(10):
            add(app.partner_id, app.pk, {(each, "messages"): 1 for each in pages[::order]})
        connection.close()

    threads = [threading.Thread(target=tell, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenant(app.partner_id):
        assert counts() == {(each, "messages"): 40 for each in pages}
