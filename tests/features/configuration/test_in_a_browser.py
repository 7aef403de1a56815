"""A Page's button in a real browser: edited, planned, pushed and confirmed; changed at Meta, and adopted.

With SCREENSHOTS naming a directory, each step leaves pictures there, of a desk and of a phone.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from features.configuration.pushing import drain
from features.models import Feature, Installation
from partners.models import Business, Role
from tests.admin_rows import signed_in
from tests.factories import MembershipFactory
from tests.features.configuration.ground import at_meta, connected
from tests.features.test_sync import sync
from tests.meta import Meta, hint

pytestmark = pytest.mark.browser

DESK, PHONE = 1280, 390
# What is wider than the place that it has: the page itself, or a table that one would have to scroll.
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll(".scrolls")]
  .filter((place) => place.scrollWidth > place.clientWidth).map((place) => place.outerHTML.slice(0, 200))"""


def picture(page: Page, name: str) -> None:
    """Keep what the person sees, if somebody wants to look."""
    if directory := os.environ.get("SCREENSHOTS"):
        for width in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(directory) / f"CA-{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": DESK, "height": 900})


def too_wide_for_a_phone(page: Page) -> list[str]:
    """What is wider than a phone."""
    page.set_viewport_size({"width": PHONE, "height": 844})
    found: list[str] = page.evaluate(TOO_WIDE)
    page.set_viewport_size({"width": DESK, "height": 900})
    return found


@pytest.fixture
def salon(shared_meta: Meta) -> Installation:
    """A business with buttons on two Pages, as its merchant set them up."""
    installation = connected(shared_meta, "page_cta", external_id="lotus", pages=2)
    (connection,) = shared_meta.counters()["connections"]
    shared_meta.change("lotus", add=["page_cta"], page_id=connection["pages"][1]["page_id"])
    hint(installation)
    sync(installation)
    Business.objects.update(name="Lotus Salon", domain="https://lotus.example")
    shown = {"cta_button_text": "Reserve", "cta_button_url": "https://lotus.example/reserve"}
    every = Feature.objects.filter(feature_type="page_cta")
    shared_meta.change("lotus", configure={each.feature_instance_id: shown for each in every})
    hint(installation)
    return sync(installation)


@pytest.fixture
def portal(page: Page, live_server: LiveServer, settings: Settings, salon: Installation) -> str:
    """The portal's address; its manager is signed in."""
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    manager = MembershipFactory.create(partner=salon.partner, role=Role.MANAGER, user__username="ann").user
    session = signed_in(manager).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": DESK, "height": 900})
    return live_server.url


def edit(page: Page, portal: str, feature: Feature) -> None:
    """From the list to the form, with a look at the drawing, and to the plan."""
    page.goto(f"{portal}/admin/features/feature/")
    page.get_by_role("link", name=feature.feature_instance_id).click()
    expect(page.locator(".comparison")).to_contain_text("Reserve")
    picture(page, "1-feature")
    assert too_wide_for_a_phone(page) == []
    page.get_by_role("link", name="Edit configuration").click()
    page.get_by_label("Button text").fill("Book Now")
    page.get_by_label("Button address").fill("https://{domain}/book?shop={external_business_id}")
    page.get_by_label("Text below the button").fill("Powered by a very long name indeed")
    drawing = page.locator(".mock-up")
    expect(drawing.locator(".mock-button")).to_have_text("Book Now")
    page.get_by_role("button", name="Preview without saving").click()
    expect(page.locator(".notice-warning")).to_contain_text("Meta publishes no limit")
    expect(drawing).to_contain_text("Powered by a very long name indeed")
    expect(drawing).to_contain_text("lotus.example")
    assert too_wide_for_a_phone(page) == []
    picture(page, "2-form")
    page.get_by_label("Text below the button").fill("Powered by Bookly")
    page.get_by_role("button", name="Save and see the plan").click()
    expect(page).to_have_url(re.compile("/configuration/push/"))


def test_a_button_of_one_of_two_pages_is_edited_pushed_and_confirmed_and_drift_adopted(
    page: Page, portal: str, salon: Installation, shared_meta: Meta
) -> None:
    one, other = Feature.objects.select_related("installation").order_by("pk")
    other_before = at_meta(shared_meta, other)

    edit(page, portal, one)
    expect(page.locator(".comparison .differs")).to_have_count(3)
    expect(page.locator("#content")).to_contain_text("nothing has been sent to Meta yet")
    assert at_meta(shared_meta, one)["cta_button_text"] == "Reserve"
    assert too_wide_for_a_phone(page) == []
    picture(page, "3-plan")

    page.get_by_role("button", name="Push to Meta").click()
    expect(page.get_by_role("status")).to_contain_text("A worker is bringing it to Meta.")
    picture(page, "4-waiting")
    assert too_wide_for_a_phone(page) == []
    assert drain() == 1
    expect(page.locator(".stands .pill")).to_have_text("confirmed by Meta", timeout=10_000)
    picture(page, "5-confirmed")
    kept = at_meta(shared_meta, one)
    assert (kept["cta_button_text"], kept["cta_button_url"]) == ("Book Now", "https://lotus.example/book?shop=lotus")
    assert at_meta(shared_meta, other) == other_before

    page.goto(f"{portal}/admin/features/feature/{one.pk}/change/")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Management view").click()
    management = opened.value
    management.get_by_test_id(f"cta_button_text-{one.feature_instance_id}").fill("Call us")
    management.get_by_test_id(f"save-{one.feature_instance_id}").click()
    # Chromium loses a close that comes while the answer to the form is on its way; the driver then waits for ever.
    expect(management.get_by_role("status")).to_have_text("Saved.")
    management.close()
    hint(salon)
    sync(salon)

    page.goto(f"{portal}/admin/")
    expect(page.locator(".attentions")).to_contain_text("Configurations changed at Meta")
    picture(page, "6-dashboard")
    page.get_by_role("link", name="Configurations changed at Meta").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#result_list")).to_contain_text("changed at Meta")
    picture(page, "7-list")
    page.get_by_role("link", name=one.feature_instance_id).click()
    expect(page.locator(".comparison .differs")).to_contain_text("Call us")
    assert too_wide_for_a_phone(page) == []
    picture(page, "8-drift")
    page.get_by_role("button", name="Adopt Meta's values").click()
    expect(page.locator("#content")).to_contain_text("as wanted")
    expect(page.locator(".comparison .differs")).to_have_count(0)
    picture(page, "9-adopted")
    assert too_wide_for_a_phone(page) == []
    assert at_meta(shared_meta, one)["cta_button_text"] == "Call us"
