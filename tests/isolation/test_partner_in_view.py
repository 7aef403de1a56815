"""What was meant for one partner never goes to another: forms of other tabs, lost partners, refused requests."""

import pytest
from django.test import Client
from django.urls import reverse

from partners.models import Business, Membership, Role
from partners.viewing import IN_VIEW
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

ADD = reverse("admin:partners_business_add")
SHOP = {"name": "Customer of the first", "external_business_id": "s", "timezone": "UTC", "currency": "USD"}


@pytest.fixture
def both() -> tuple[Membership, Membership]:
    """A person's memberships of two partners, the first one in view."""
    first = MembershipFactory.create(role=Role.MANAGER)
    return first, MembershipFactory.create(user=first.user, role=Role.MANAGER)


def browser(member: Membership) -> Client:
    """A browser as browsers are: one that has to show the token of a form."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(member.user)
    return client


def token(client: Client, address: str = ADD) -> str:
    """The token of the form at this address."""
    return str(client.get(address).context["csrf_token"])


def test_a_form_of_another_tab_ends_when_another_partner_is_chosen(both: tuple[Membership, Membership]) -> None:
    client = browser(both[0])
    of_the_first = token(client)
    chosen = {"partner": both[1].partner_id, "csrfmiddlewaretoken": of_the_first}
    assert client.post(reverse("people:look_at"), chosen).status_code == 302
    assert client.post(ADD, {**SHOP, "csrfmiddlewaretoken": of_the_first}).status_code == 403
    assert not Business.objects.exists()
    assert client.post(ADD, {**SHOP, "csrfmiddlewaretoken": token(client)}).status_code == 302
    assert Business.objects.get().partner_id == both[1].partner_id


def test_choosing_the_partner_in_view_again_ends_no_form(both: tuple[Membership, Membership]) -> None:
    client = browser(both[0])
    opened = token(client)
    client.post(reverse("people:look_at"), {"partner": both[0].partner_id, "csrfmiddlewaretoken": opened})
    assert client.post(ADD, {**SHOP, "csrfmiddlewaretoken": opened}).status_code == 302
    assert Business.objects.get().partner_id == both[0].partner_id


def test_what_was_meant_for_a_lost_partner_goes_to_no_other(both: tuple[Membership, Membership]) -> None:
    client = browser(both[0])
    opened = token(client)
    Membership.objects.filter(pk=both[0].pk).update(is_active=False)
    answer = client.post(ADD, {**SHOP, "csrfmiddlewaretoken": opened})
    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:index"))
    assert f"You look at {both[1].partner} now." in client.get(reverse("admin:index")).content.decode()
    assert not Business.objects.exists()
    assert client.session[IN_VIEW] == both[1].partner_id


def test_a_refused_request_leaves_nothing_behind(both: tuple[Membership, Membership]) -> None:
    Membership.objects.filter(pk=both[0].pk).update(role=Role.VIEWER)
    client = browser(both[0])
    assert client.post(ADD, {**SHOP, "csrfmiddlewaretoken": token(client, reverse("admin:index"))}).status_code == 403
    assert not Business.objects.exists()
