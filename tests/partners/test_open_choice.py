"""A row found by what was typed: whatever a browser sends, nothing is saved by it that the form would refuse."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onboarding.models import LaunchLink
from partners.models import Business, Role
from partners.open_choice import FIND, SOUGHT
from tests.admin_rows import signed_in
from tests.factories import BusinessFactory, EntryPointFactory, MembershipFactory

pytestmark = pytest.mark.django_db

ADD = reverse("admin:onboarding_launchlink_add")


@pytest.fixture
def business() -> Business:
    """A shop."""
    row: Business = BusinessFactory.create(external_business_id="lotus-1")
    return row


@pytest.fixture
def manager(business: Business) -> Client:
    """A browser of somebody who may make launch links."""
    return signed_in(MembershipFactory.create(partner=business.partner, role=Role.MANAGER).user)


def errors(answer: Any) -> dict[str, list[str]]:
    """What the page's form finds wrong."""
    assert answer.status_code == 200
    found: dict[str, list[str]] = answer.context["adminform"].form.errors
    return found


def test_looking_for_a_row_never_saves(manager: Client, business: Business) -> None:
    EntryPointFactory.create(meta_app__partner=business.partner, slug="book")
    for sent in ({f"business{SOUGHT}": "lotus-1"}, {"business": business.pk, f"entry_point{SOUGHT}": "book"}):
        for field in ("business", "entry_point"):
            assert errors(manager.post(ADD, {**sent, FIND: field}))
    assert not LaunchLink.objects.exists()


def test_looking_for_nothing_hides_no_error(manager: Client, business: Business) -> None:
    foreign = EntryPointFactory.create()
    for field in ("nothing", "", "slug"):
        answer = manager.post(ADD, {"business": business.pk, "entry_point": foreign.pk, FIND: field})
        assert set(errors(answer)) == {"entry_point"}
    assert set(errors(manager.post(ADD, {FIND: "nothing"}))) == {"business"}
    assert not LaunchLink.objects.exists()


def test_what_is_chosen_from_what_was_found_is_checked_like_any_choice(manager: Client, business: Business) -> None:
    foreign = BusinessFactory.create(external_business_id="zebra-1")
    of_foreign = errors(manager.post(ADD, {"business": foreign.pk}))
    assert of_foreign == errors(manager.post(ADD, {"business": foreign.pk + 1000}))
    assert set(of_foreign) == {"business"}


@pytest.mark.parametrize("term", ["\0", "lotus\0", "x" * 10_000, "%", "商", "' OR 1=1 --"])
def test_anything_may_be_typed(manager: Client, business: Business, term: str) -> None:
    assert set(errors(manager.post(ADD, {f"business{SOUGHT}": term}))) == {"business"}


@pytest.mark.parametrize("number", ["abc", "-1", "1.5", "9" * 30])
def test_a_number_that_is_none_is_refused(manager: Client, business: Business, number: str) -> None:
    assert set(errors(manager.post(ADD, {"business": number}))) == {"business"}
    assert set(errors(manager.post(ADD, {"business": number, f"business{SOUGHT}": "lot"}))) == {"business"}


def test_of_two_with_one_name_neither_is_taken(manager: Client, business: Business) -> None:
    for number in (1, 2):
        BusinessFactory.create(partner=business.partner, name="Orchid", external_business_id=f"orchid-{number}")
    answer = manager.post(ADD, {f"business{SOUGHT}": "orchid"})
    assert errors(answer)["business"] == ["2 are found. Nothing is saved yet: choose one, then save."]
    assert not LaunchLink.objects.exists()


def test_the_whole_id_is_taken_and_so_is_the_name_of_an_optional_row(manager: Client, business: Business) -> None:
    entry_point = EntryPointFactory.create(meta_app__partner=business.partner, slug="book")
    EntryPointFactory.create(meta_app=entry_point.meta_app, slug="book-2")
    manager.post(ADD, {f"business{SOUGHT}": "LOTUS-1", f"entry_point{SOUGHT}": "book"})
    link = LaunchLink.objects.get()
    assert (link.business, link.entry_point) == (business, entry_point)
