"""Deliveries and notices in the admin: masked bodies, once more, adoption."""

import pytest
from django.test import Client
from django.urls import reverse

from features.models import AccessToken, Installation
from partners.models import Business
from tests.admin_rows import delivery_of, notice_of, page, signed_in, tool
from tests.factories import InstallationFactory, MembershipFactory
from webhooks.models import DeliveredNotice, Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def installation() -> Installation:
    """A connection to whose app deliveries come."""
    return InstallationFactory.create()


@pytest.fixture
def member(installation: Installation) -> Client:
    """The browser of a member of its partner."""
    return signed_in(MembershipFactory.create(partner=installation.partner).user)


def shown(client: Client, delivery: Delivery) -> str:
    """The delivery's page."""
    answer = client.get(page("webhooks_delivery", delivery))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_body_is_shown_readable_and_masked(member: Client, installation: Installation) -> None:
    content = shown(member, delivery_of(installation))
    assert "書店" in content
    assert "EAAhidden" not in content
    assert "***" in content


@pytest.mark.parametrize(
    "body",
    [
        b"<html>access_token=EAAhidden",
        b"\xff\xfe\x00EAAhidden",
        b'{"a": "\\ud800 lone surrogate"}',
        b"[" * 100_000,
        b"",
        b'{"token": "EAAhidden", "n": ' + b"9" * 5_000 + b"}",
    ],
    ids=["html", "bytes", "surrogate", "deep", "empty", "huge number"],
)
def test_any_body_can_be_looked_at(member: Client, installation: Installation, body: bytes) -> None:
    assert "EAAhidden" not in shown(member, delivery_of(installation, body, status="unreadable"))


def test_a_long_body_is_cut(member: Client, installation: Installation) -> None:
    content = shown(member, delivery_of(installation, b'{"a": "' + b"x" * 100_000 + b'"}'))
    assert 15_000 < content.count("x") < 21_000


def test_a_body_that_no_key_opens_is_said_to_be_so(member: Client, installation: Installation) -> None:
    delivery = delivery_of(installation)
    Delivery.objects.update(sealed_body=b"sealed with a key that is gone")
    assert "No key in ENCRYPTION_KEYS opens this body." in shown(member, delivery)


def test_the_button_puts_a_delivery_back_into_the_inbox(member: Client, installation: Installation) -> None:
    delivery = delivery_of(installation, status="failed", problem="OperationalError")
    answer = member.post(tool("webhooks_delivery", delivery, "press_process_again"), follow=True)
    assert "1 delivery will be processed again." in answer.content.decode()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.problem, delivery.processed_at) == (Delivery.Status.RECEIVED, "", None)


def test_the_action_puts_the_chosen_ones_back(member: Client, installation: Installation) -> None:
    first, second, third = (delivery_of(installation, status="failed") for _ in range(3))
    data = {"action": "process_again", "_selected_action": [first.pk, second.pk]}
    member.post(reverse("admin:webhooks_delivery_changelist"), data)
    assert list(Delivery.objects.filter(status="failed")) == [third]


def test_the_button_adopts_an_unknown_business_with_its_token(member: Client, installation: Installation) -> None:
    notice = notice_of(delivery_of(installation), "walk-in-7")
    answer = member.post(tool("webhooks_deliverednotice", notice, "press_adopt"), follow=True)
    assert "1 business adopted." in answer.content.decode()
    business = Business.objects.get(external_business_id="walk-in-7")
    adopted = Installation.objects.get(business=business)
    assert (business.partner, adopted.requested_generation) == (installation.partner, 1)
    assert AccessToken.objects.get(installation=adopted).secret == "token-of-a-walk-in"
    assert member.post(tool("webhooks_deliverednotice", notice, "press_adopt")).status_code == 404


def test_the_action_adopts_each_business_once(member: Client, installation: Installation) -> None:
    delivery = delivery_of(installation)
    notices = [notice_of(delivery, f"walk-in-{number % 2}", number) for number in range(4)]
    data = {"action": "adopt_chosen", "_selected_action": [each.pk for each in notices]}
    answer = member.post(reverse("admin:webhooks_deliverednotice_changelist"), data, follow=True)
    assert "2 businesses adopted." in answer.content.decode()
    assert not DeliveredNotice.objects.filter(outcome="unknown_business").exists()
    assert Business.objects.filter(external_business_id__startswith="walk-in-").count() == 2


def test_no_page_shows_a_waiting_token(member: Client, installation: Installation) -> None:
    notice = notice_of(delivery_of(installation), "walk-in-7")
    for address in (page("webhooks_deliverednotice", notice), reverse("admin:webhooks_deliverednotice_changelist")):
        assert "token-of-a-walk-in" not in member.get(address).content.decode()


def test_nobody_writes_what_meta_sent(member: Client, installation: Installation) -> None:
    delivery = delivery_of(installation)
    assert member.post(page("webhooks_delivery", delivery), {"status": "failed"}).status_code == 403
    assert member.post(page("webhooks_delivery", delivery, "delete"), {"post": "yes"}).status_code == 403
