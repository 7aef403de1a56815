"""Businesses, launch links and attempts in the admin."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from features.models import Cause, Installation
from onboarding.models import LaunchLink, OnboardingAttempt, fingerprint
from partners.models import Business
from partners.tenant_admin import MOST_ROWS_OF_AN_ACTION
from tests.admin_rows import page, signed_in, tool
from tests.factories import (
    AttemptFactory,
    BusinessFactory,
    EntryPointFactory,
    InstallationFactory,
    LaunchLinkFactory,
    MembershipFactory,
    MetaAppFactory,
)

pytestmark = pytest.mark.django_db

ADD_LINK = reverse("admin:onboarding_launchlink_add")
LINKS = reverse("admin:onboarding_launchlink_changelist")


@pytest.fixture
def business() -> Business:
    """A customer."""
    return BusinessFactory.create(name="Blue Door")


@pytest.fixture
def member(business: Business) -> Client:
    """The browser of a member of its partner."""
    return signed_in(MembershipFactory.create(partner=business.partner).user)


def address_on(answer: Any) -> str:
    """The launch link's address that the page shows."""
    found = re.findall(r'value="(http[^"]*/connect/[^"]+/)"', answer.content.decode())
    assert len(found) == 1
    return str(found[0])


def test_a_new_link_is_shown_once_and_works(member: Client, business: Business) -> None:
    answer = member.post(ADD_LINK, {"business": business.pk})
    address = address_on(answer)
    link = LaunchLink.objects.get()
    assert link.token_hash == fingerprint(address.rstrip("/").rpartition("/")[2])
    assert (link.partner, link.business, link.entry_point) == (business.partner, business, None)
    assert link.created_by is not None
    assert "no-store" in answer.headers["Cache-Control"]
    assert reverse("set_language") not in answer.content.decode(), "in another language it would be gone"
    token = address.rstrip("/").rpartition("/")[2]
    assert token not in member.get(page("onboarding_launchlink", link)).content.decode()
    assert token not in member.get(LINKS).content.decode()


def test_a_link_for_one_entry_point(member: Client, business: Business) -> None:
    entry_point = EntryPointFactory.create(meta_app__partner=business.partner)
    address_on(member.post(ADD_LINK, {"business": business.pk, "entry_point": entry_point.pk}))
    assert LaunchLink.objects.get().entry_point == entry_point


def test_who_is_led_here_for_an_app_finds_its_button_chosen(member: Client, business: Business) -> None:
    def chosen(query: str) -> str:
        return str(member.get(ADD_LINK + query).context["adminform"].form["entry_point"].value() or "")

    Business.objects.filter(pk=business.pk).update(verticals=["ECOMMERCE"])
    app = MetaAppFactory.create(partner=business.partner, is_test=True)
    EntryPointFactory.create(meta_app__partner=business.partner, vertical="ECOMMERCE", intent="")
    EntryPointFactory.create(meta_app=app, vertical="ECOMMERCE", intent="", is_active=False)
    unfit = EntryPointFactory.create(meta_app=app, vertical="LEAD_ADS", intent="")
    assert chosen(f"?meta_app={app.pk}&business={business.pk}") == ""
    fits = EntryPointFactory.create(meta_app=app, vertical="ECOMMERCE", intent="")
    assert chosen(f"?meta_app={app.pk}&business={business.pk}") == str(fits.pk)
    assert chosen(f"?meta_app={app.pk}") == str(unfit.pk)
    assert chosen(f"?meta_app={app.pk}&entry_point={fits.pk}") == str(fits.pk)
    foreign = EntryPointFactory.create()
    assert chosen(f"?meta_app={foreign.meta_app_id}") == chosen("?meta_app=x") == chosen(f"?meta_app={'9' * 30}") == ""


def test_a_link_that_opens_nothing_says_so_when_it_is_made(member: Client, business: Business) -> None:
    add_one = reverse("admin:onboarding_entrypoint_changelist")
    text = member.post(ADD_LINK, {"business": business.pk}).content.decode()
    assert "It opens no button now" in text and f'<a href="{add_one}">Open the entry points</a>' in text
    EntryPointFactory.create(meta_app__partner=business.partner)
    assert "It opens no button now" not in member.post(ADD_LINK, {"business": business.pk}).content.decode()


def test_revoking_asks_first(member: Client, business: Business) -> None:
    link = LaunchLinkFactory.create(business=business)
    address = tool("onboarding_launchlink", link, "revoke")
    assert "cannot be undone" in member.get(address).content.decode()
    link.refresh_from_db()
    assert link.revoked_at is None
    member.post(address)
    link.refresh_from_db()
    assert not link.is_usable
    assert member.get(address).status_code == 404


def test_the_action_revokes_the_chosen_ones_after_asking(member: Client, business: Business) -> None:
    first, second, third = LaunchLinkFactory.create_batch(3, business=business)
    data = {"action": "revoke_chosen", "_selected_action": [first.pk, second.pk]}
    asked = member.post(LINKS, data)
    assert "cannot be undone" in asked.content.decode()
    assert not LaunchLink.objects.exclude(revoked_at=None).exists()
    member.post(LINKS, {**data, "confirmed": "yes"})
    assert set(LaunchLink.objects.filter(revoked_at=None)) == {third}


def links_of(business: Business, count: int) -> list[LaunchLink]:
    """So many links."""
    rows = [LaunchLink(partner=business.partner, business=business, token_hash=str(n)) for n in range(count)]
    return LaunchLink.objects.bulk_create(rows)


def test_as_many_as_are_asked_about_are_revoked(member: Client, business: Business) -> None:
    chosen = [link.pk for link in links_of(business, MOST_ROWS_OF_AN_ACTION)]
    answer = member.post(
        LINKS, {"action": "revoke_chosen", "_selected_action": chosen, "confirmed": "yes"}, follow=True
    )
    assert "1000 links revoked." in answer.content.decode()
    assert not LaunchLink.objects.filter(revoked_at=None).exists()


def test_of_more_than_that_none_is_revoked_and_the_page_says_so(member: Client, business: Business) -> None:
    first = links_of(business, MOST_ROWS_OF_AN_ACTION + 1)[0]
    data = {"action": "revoke_chosen", "select_across": "1", "_selected_action": [first.pk]}
    answer = member.post(LINKS, data, follow=True)
    assert "At most 1,000 at a time." in answer.content.decode()
    assert not LaunchLink.objects.exclude(revoked_at=None).exists()


def test_links_are_filtered_by_use(member: Client, business: Business) -> None:
    expected = {
        "usable": LaunchLinkFactory.create(business=business),
        "expired": LaunchLinkFactory.create(business=business, expires_at=timezone.now() - timedelta(days=1)),
        "revoked": LaunchLinkFactory.create(business=business, revoked_at=timezone.now()),
    }
    for use, link in expected.items():
        assert list(member.get(LINKS, {"use": use}).context["cl"].result_list) == [link]


def test_a_link_is_neither_changed_nor_deleted(member: Client, business: Business) -> None:
    link = LaunchLinkFactory.create(business=business)
    assert member.post(page("onboarding_launchlink", link), {"business": business.pk}).status_code == 403
    assert member.post(page("onboarding_launchlink", link, "delete"), {"post": "yes"}).status_code == 403


def test_a_member_adds_a_business_without_naming_the_partner(member: Client, business: Business) -> None:
    data = {
        "name": "Red Door",
        "external_business_id": "rd-1",
        "verticals": ["ECOMMERCE", "APPOINTMENTS"],
        "timezone": "Asia/Hong_Kong",
        "currency": "HKD",
        "domain": "https://red.example",
    }
    assert member.post(reverse("admin:partners_business_add"), data).status_code == 302
    made = Business.objects.get(external_business_id="rd-1")
    assert (made.partner, made.verticals) == (business.partner, ["ECOMMERCE", "APPOINTMENTS"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "UTC+8"),
        ("currency", "DOGE"),
        ("domain", "http://plain.example"),
        ("verticals", "GARDENING"),
        ("external_business_id", ""),
    ],
)
def test_what_meta_would_refuse_is_refused_here(member: Client, field: str, value: str) -> None:
    data = {"name": "Red Door", "external_business_id": "rd-1", "timezone": "UTC", "currency": "USD", field: value}
    answer = member.post(reverse("admin:partners_business_add"), data)
    assert answer.context["adminform"].form.errors[field]


def test_an_external_business_id_is_taken_once_for_each_partner(member: Client, business: Business) -> None:
    taken = business.external_business_id
    data = {"name": "Red Door", "external_business_id": taken, "timezone": "UTC", "currency": "USD"}
    answer = member.post(reverse("admin:partners_business_add"), data)
    assert "already exists" in str(answer.context["adminform"].form.errors)


def test_sync_now_on_a_business_asks_on_every_app(member: Client, business: Business) -> None:
    for _ in range(2):
        InstallationFactory.create(meta_app__partner=business.partner, business=business)
    member.post(tool("partners_business", business, "press_sync"))
    asked = Installation.objects.filter(requested_generation=1, requested_cause=Cause.STAFF)
    assert asked.count() == 2


def test_a_business_without_an_installation_has_no_sync_button(member: Client, business: Business) -> None:
    assert member.post(tool("partners_business", business, "press_sync")).status_code == 404


def test_the_sync_action_asks_for_the_chosen_businesses(member: Client, business: Business) -> None:
    chosen = InstallationFactory.create(meta_app__partner=business.partner, business=business)
    other = InstallationFactory.create(meta_app=chosen.meta_app)
    data = {"action": "sync_now", "_selected_action": [business.pk]}
    member.post(reverse("admin:partners_business_changelist"), data)
    assert list(Installation.objects.filter(requested_generation=1)) == [chosen]
    assert other.requested_generation == 0


def test_the_business_shows_its_connections(member: Client, business: Business) -> None:
    InstallationFactory.create(
        meta_app__partner=business.partner,
        business=business,
        state=Installation.State.CONNECTED,
        reason="",
        business_manager_id="900",
        assets={"pages": ["55"]},
    )
    content = member.get(page("partners_business", business)).content.decode()
    assert "asset_id=55" in content
    Installation.objects.update(assets={})
    content = member.get(page("partners_business", business)).content.decode()
    assert "No Page is connected" in content


def test_an_attempt_shows_outcome_error_and_replays_and_no_hash(member: Client, business: Business) -> None:
    attempt = AttemptFactory.create(
        launch_link=LaunchLinkFactory.create(business=business),
        outcome=OnboardingAttempt.Outcome.FAILED,
        error_code="1349",
        error_message="Something <broke>",
        replays=41,
    )
    content = member.get(page("onboarding_onboardingattempt", attempt)).content.decode()
    assert all(each in content for each in ("error from Meta", "1349 Something &lt;broke&gt;", "41"))
    assert attempt.state_hash not in content
    assert attempt.browser_hash not in content
    assert member.post(page("onboarding_onboardingattempt", attempt), {"replays": "0"}).status_code == 403
