"""What an owner changes about a colleague counts from the colleague's very next request on."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from partners.models import Business, Membership, Role
from tests.admin_rows import page, signed_in, tool
from tests.factories import BusinessFactory, MembershipFactory

pytestmark = pytest.mark.django_db

KIND = "partners_membership"
ADD = reverse("admin:partners_business_add")
SHOP = {"name": "New shop", "external_business_id": "new-shop", "timezone": "UTC", "currency": "USD"}
Step = Callable[[Client, Membership], object]


@pytest.fixture
def member() -> Membership:
    """A manager."""
    return MembershipFactory.create(role=Role.MANAGER)


def by_owner(member: Membership) -> Client:
    """A colleague's browser who may change members."""
    return signed_in(MembershipFactory.create(partner=member.partner).user)


ENDS: dict[str, Step] = {
    "deactivated": lambda owner, member: owner.post(tool(KIND, member, "deactivate")),
    "removed": lambda owner, member: owner.post(page(KIND, member, "delete"), {"post": "yes"}),
    "account closed": lambda owner, member: User.objects.filter(pk=member.user_id).update(is_active=False),
    "no staff": lambda owner, member: User.objects.filter(pk=member.user_id).update(is_staff=False),
}


@pytest.mark.parametrize("step", ENDS.values(), ids=ENDS)
def test_who_is_out_opens_nothing_any_more(member: Membership, step: Step) -> None:
    business = BusinessFactory.create(partner=member.partner)
    client, owner = signed_in(member.user), by_owner(member)
    assert client.get(page("partners_business", business)).status_code == 200
    step(owner, member)
    answer = client.post(ADD, SHOP)
    assert answer.status_code == 302 and answer["Location"].startswith(reverse("admin:login"))
    assert client.get(page("partners_business", business)).status_code == 302
    assert Business.objects.filter(partner=member.partner).count() == 1


def test_a_role_that_shrinks_takes_away_at_once(member: Membership) -> None:
    client, owner = signed_in(member.user), by_owner(member)
    assert client.get(ADD).status_code == 200
    assert owner.post(page(KIND, member), {"role": "viewer"}).status_code == 302
    assert client.post(ADD, SHOP).status_code == 403
    assert not Business.objects.filter(partner=member.partner).exists()


def test_a_role_that_grows_gives_at_once(member: Membership) -> None:
    client, owner = signed_in(member.user), by_owner(member)
    address = reverse("admin:partners_metaapp_add")
    assert client.get(address).status_code == 403
    assert owner.post(page(KIND, member), {"role": "owner"}).status_code == 302
    assert client.get(address).status_code == 200


def test_who_is_let_in_again_has_the_role_from_before(member: Membership) -> None:
    owner = by_owner(member)
    owner.post(tool(KIND, member, "deactivate"))
    assert signed_in(member.user).get(ADD).status_code == 302
    owner.post(tool(KIND, member, "reactivate"))
    assert signed_in(member.user).get(ADD).status_code == 200


def test_a_second_factor_that_a_partner_asks_for_is_asked_for_at_once(member: Membership) -> None:
    client = signed_in(member.user)
    assert client.get(ADD).status_code == 200
    type(member.partner).objects.filter(pk=member.partner_id).update(requires_second_factor=True)
    answer = client.post(ADD, SHOP)
    assert answer.status_code == 302 and answer["Location"] == reverse("people:second_factor")
    assert not Business.objects.filter(partner=member.partner).exists()
