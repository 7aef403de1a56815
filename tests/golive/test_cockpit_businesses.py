"""The list behind a number: found by name, with the link that a business has already, for who may make one."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from features.models import Installation, MbeVersion
from partners.models import MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import (
    BusinessFactory,
    EntryPointFactory,
    InstallationFactory,
    LaunchLinkFactory,
    MembershipFactory,
    MetaAppFactory,
)

pytestmark = pytest.mark.django_db


def lost(app: MetaApp, name: str, external: str) -> Installation:
    """A business that must reconnect."""
    business = BusinessFactory.create(partner=app.partner, name=name, external_business_id=external)
    row: Installation = InstallationFactory.create(
        meta_app=app,
        business=business,
        state=Installation.State.RECONNECT,
        reason=Installation.Reason.TOKEN_DEAD,
        mbe_version=MbeVersion.V2,
    )
    return row


def address_of(app: MetaApp, group: str = "reconnect") -> str:
    """Where the businesses of the group are listed."""
    return reverse("golive-cockpit-businesses", args=[app.pk, group])


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("harbour", ["Harbour Tea"]),
        ("SHOP-2", ["Peak Fitness"]),
        (" peak ", ["Peak Fitness"]),
        ("nothing like it", []),
        ("\0", ["Peak Fitness", "Harbour Tea"]),
        ("", ["Peak Fitness", "Harbour Tea"]),
    ],
)
def test_a_business_is_found_by_how_its_name_or_id_begins(
    app: MetaApp, member: Client, term: str, found: list[str]
) -> None:
    lost(app, "Harbour Tea", "shop-1")
    lost(app, "Peak Fitness", "shop-2")
    answer = member.get(address_of(app), {"q": term})
    assert [each.business.name for each in answer.context["listed"]] == found
    assert ("No business here begins like that." in answer.content.decode()) == (not found)


def test_a_search_stays_on_the_app_and_in_the_group(app: MetaApp, member: Client) -> None:
    lost(app, "Harbour Tea", "shop-1")
    lost(MetaAppFactory.create(partner=app.partner), "Harbour Books", "shop-2")
    assert len(member.get(address_of(app), {"q": "harbour"}).context["listed"]) == 1
    assert not member.get(address_of(app, "v2"), {"q": "harbour"}).context["listed"].object_list


def test_who_has_a_link_already_is_said_and_whether_it_was_opened(app: MetaApp, member: Client) -> None:
    button = EntryPointFactory.create(meta_app=app)
    for number, values in enumerate([{}, {"last_used_at": now()}, {"revoked_at": now()}]):
        row = lost(app, f"Shop {number}", f"shop-{number}")
        LaunchLinkFactory.create(business=row.business, entry_point=button, **values)
    answer = member.get(address_of(app))
    assert [bool(link) for _row, _remedy, link, _way in answer.context["shown"]] == [False, True, True]
    content = answer.content.decode()
    assert content.count("Launch link made") == 2
    assert content.count(">opened<") == content.count(">not opened yet<") == 1


def test_the_page_asks_the_database_as_often_for_many_as_for_one(
    app: MetaApp, member: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    button = EntryPointFactory.create(meta_app=app)
    for number in range(30):
        row = lost(app, f"Shop {number}", f"shop-{number}")
        LaunchLinkFactory.create(business=row.business, entry_point=button)
    with django_assert_max_num_queries(25):
        assert member.get(address_of(app)).content.decode().count("Launch link made") == 30


def test_who_only_looks_is_offered_no_link(app: MetaApp, member: Client) -> None:
    EntryPointFactory.create(meta_app=app)
    lost(app, "Harbour Tea", "shop-1")
    looker = signed_in(MembershipFactory.create(partner=app.partner, role=Role.VIEWER).user)
    to_make = [reverse("admin:onboarding_launchlink_add") + "?business=", 'name="chosen"', 'name="all"']
    shown, hidden = (each.get(address_of(app)).content.decode() for each in (member, looker))
    assert all(each in shown for each in to_make) and not any(each in hidden for each in to_make)
    assert "Harbour Tea" in hidden


def test_a_business_without_a_name_is_named_once(app: MetaApp, member: Client) -> None:
    lost(app, "", "shop-nameless")
    content = member.get(address_of(app)).content.decode()
    assert content.count(">shop-nameless<") == 1
