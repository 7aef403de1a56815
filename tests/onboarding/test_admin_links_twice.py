"""The form of a launch link sent twice, by a double click or a reload: it makes one link."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from features.models import Installation
from onboarding.models import EntryPoint, LaunchLink
from onboarding.opening import find_link
from partners.audit.models import Action, AuditEntry
from partners.models import Business, Role
from tests.admin_rows import page, signed_in, tool
from tests.factories import BusinessFactory, EntryPointFactory, InstallationFactory, MembershipFactory
from tests.waiting import wait_for_waiters

pytestmark = pytest.mark.django_db

ADD_LINK = reverse("admin:onboarding_launchlink_add")


@pytest.fixture
def entry_point() -> EntryPoint:
    """A button of the partner."""
    row: EntryPoint = EntryPointFactory.create()
    return row


@pytest.fixture
def business(entry_point: EntryPoint) -> Business:
    """A customer who has one button."""
    row: Business = BusinessFactory.create(partner=entry_point.partner)
    return row


@pytest.fixture
def staff(business: Business) -> list[Client]:
    """Two members of staff."""
    return [signed_in(MembershipFactory.create(partner=business.partner, role=Role.MANAGER).user) for _ in range(2)]


def asked(member: Client, business: Business, **more: Any) -> dict[str, Any]:
    """What the form that is opened now would send."""
    form = member.get(ADD_LINK, {"business": business.pk}).context["adminform"].form
    key = str(form["form"].value())
    assert f'name="form" value="{key}"' in str(form["form"]) and len(key) == 43
    return {"business": business.pk, "form": key, **more}


def addresses(answer: Any) -> list[str]:
    """The addresses that the page shows."""
    return re.findall(r'value="(http[^"]*/connect/[^"]+/)"', answer.content.decode())


def is_one(count: int = 1) -> bool:
    """Whether so many links were made and told of in the log."""
    told = AuditEntry.objects.filter(action=Action.LINK_MADE).count()
    return LaunchLink.objects.count() == told == count


def test_the_same_form_again_is_given_the_same_link_and_told_so(business: Business, staff: list[Client]) -> None:
    sent = asked(staff[0], business)
    first, second = staff[0].post(ADD_LINK, sent), staff[0].post(ADD_LINK, sent)
    assert addresses(first) == addresses(second) and is_one()
    link = find_link(addresses(second)[0].rstrip("/").rpartition("/")[2])
    assert link is not None and link.is_usable and link.business == business
    assert "This form was sent before" not in first.content.decode()
    for text in ("This form was sent before", "No second one was made", "cannot show it again once you have left"):
        assert text in second.content.decode()
    assert "no-store" in second["Cache-Control"] and sent["form"] not in str(AuditEntry.objects.latest("pk").changes)


def test_a_form_opened_anew_makes_another_link(business: Business, staff: list[Client]) -> None:
    made = {addresses(staff[0].post(ADD_LINK, asked(staff[0], business)))[0] for _ in range(2)}
    assert len(made) == 2 and is_one(2)


def test_the_same_form_for_another_business_or_button_is_another_link(
    business: Business, entry_point: EntryPoint, staff: list[Client]
) -> None:
    other = BusinessFactory.create(partner=business.partner)
    sent = asked(staff[0], business)
    changed = [{}, {"business": other.pk}, {"entry_point": entry_point.pk}]
    assert len({addresses(staff[0].post(ADD_LINK, sent | each))[0] for each in changed}) == 3 and is_one(3)


def test_the_same_form_does_not_give_a_link_to_somebody_else(business: Business, staff: list[Client]) -> None:
    sent = asked(staff[0], business)
    mine, theirs = (addresses(each.post(ADD_LINK, sent)) for each in staff)
    assert mine and theirs and mine != theirs


@pytest.mark.parametrize("changes", ["revoked_at", "expires_at"])
def test_a_link_that_has_ended_since_is_not_shown_again_and_the_way_to_a_new_one_is(
    business: Business, entry_point: EntryPoint, staff: list[Client], changes: str
) -> None:
    sent = asked(staff[0], business, entry_point=entry_point.pk)
    (address,) = addresses(staff[0].post(ADD_LINK, sent))
    LaunchLink.objects.update(**{changes: timezone.now() - timedelta(minutes=1)})
    again = staff[0].post(ADD_LINK, sent).content.decode()
    assert "has ended: nobody can open it" in again and address not in again and "It works until" not in again
    assert f"{ADD_LINK}?business={business.pk}&amp;entry_point={entry_point.pk}" in again
    assert is_one()


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_link_and_both_answers_show_it(business: Business, staff: list[Client]) -> None:
    sent = asked(staff[0], business)

    def click() -> Any:
        try:
            return staff[0].post(ADD_LINK, sent)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE onboarding_launchlink IN SHARE ROW EXCLUSIVE MODE")
            clicks = [threads.submit(click) for _ in range(2)]
            wait_for_waiters(2)
        first, second = (each.result() for each in clicks)
    assert addresses(first) == addresses(second) != [] and is_one()


def test_the_button_for_one_entry_point_pressed_twice_on_a_page_makes_one_link(
    business: Business, entry_point: EntryPoint, staff: list[Client]
) -> None:
    InstallationFactory.create(
        meta_app=entry_point.meta_app, business=business, state=Installation.State.CONNECTED, reason=""
    )
    text = staff[0].get(page("partners_business", business)).content.decode()
    key = re.search(r'id="one-button-link".*name="form" value="([^"]{43})"', text)
    assert key and f'name="entry_point" value="{entry_point.pk}"' in text
    address = tool("partners_business", business, "new_launch_link")
    sent = {"form": key[1], "entry_point": entry_point.pk}
    first, second = staff[0].post(address, sent), staff[0].post(address, sent)
    assert addresses(first) == addresses(second) != [] and is_one()
    assert "This form was sent before" in second.content.decode()
