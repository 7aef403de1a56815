"""Both ways in, for every vertical, in a real browser: from the partner's product, and from Meta."""

import time
from collections.abc import Iterator

import pytest
import requests
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from features.models import Feature, Installation
from features.sync import drain
from mbe.catalog import VERTICALS, menu
from onboarding.models import OnboardingAttempt
from partners.models import Business, MetaApp
from tests.factories import BusinessFactory, EntryPointFactory
from tests.meta import Meta
from tests.onboarding.merchant import Merchant
from webhooks.models import Delivery
from webhooks.tasks import process_inbox

pytestmark = pytest.mark.browser

NOTHING_OFFERED = {
    vertical for vertical, row in VERTICALS.items() if not menu(vertical) and not row.unverified_features
}


@pytest.fixture
def portal(live_server: LiveServer, settings: Settings, meta: Meta, app: MetaApp) -> str:
    """The portal's address; the sandbox sends its webhooks there."""
    settings.PUBLIC_URL = live_server.url
    callback = live_server.url + reverse("meta-webhook", args=[app.app_id])
    body = {"app_id": app.app_id, "callback_url": callback, "verify_token": app.verify_token}
    requests.post(f"{meta.url}/sandbox/api/apps", json=body, timeout=10).raise_for_status()
    return live_server.url


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A phone."""
    context = chromium.new_context(locale="en-US", viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def go_through_dialog(page: Page, vertical: str) -> None:
    """Turn on the first thing that Meta offers; where it offers nothing, cancel."""
    expect(page.get_by_test_id("feature-menu")).to_be_visible()
    if vertical in NOTHING_OFFERED:
        page.get_by_test_id("cancel").click()
        return
    page.locator("input[name=intent]").first.check()
    page.get_by_test_id("continue").click()


def hear_from_meta(count: int) -> None:
    """Do what the workers do, once so many webhooks are there."""
    end = time.monotonic() + 20
    while Delivery.objects.count() < count and time.monotonic() < end:
        time.sleep(0.05)
    process_inbox()
    drain()


def has_features(business: Business) -> bool:
    """Whether the business is connected, with a feature on record."""
    found = Installation.objects.get(business=business)
    return found.state == "connected" and Feature.objects.filter(installation=found, removed_at=None).exists()


@pytest.mark.parametrize("vertical", VERTICALS)
def test_a_merchant_comes_in_from_the_partner_and_from_meta(
    vertical: str, portal: str, phone: Page, meta: Meta, app: MetaApp
) -> None:
    EntryPointFactory.create(meta_app=app, slug="go", vertical=vertical, intent="")
    here, there = (BusinessFactory.create(partner=app.partner, domain="https://shop.example") for _ in range(2))
    from_partner, from_meta = Merchant(here), Merchant(there)

    phone.goto(f"{portal}/connect/{from_partner.token}/")
    phone.locator("[data-entry-point=go] button").click()
    go_through_dialog(phone, vertical)
    expect(phone.locator("[data-outcome]")).to_be_visible()
    if vertical not in NOTHING_OFFERED:
        hear_from_meta(1)
        expect(phone.get_by_role("heading", level=1)).to_have_text("You are connected", timeout=15_000)
        assert has_features(here)

    phone.goto(f"{portal}/connect/{from_meta.token}/")
    phone.goto(f"{meta.url}/business-app/{app.app_id}")
    phone.get_by_test_id("start-at-meta").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(there.name)
    phone.locator("[data-entry-point=go] button").click()
    go_through_dialog(phone, vertical)
    if vertical in NOTHING_OFFERED:
        expect(phone.get_by_test_id("business-app-cancelled")).to_be_visible()
        assert from_meta.attempt().outcome == OnboardingAttempt.Outcome.STARTED
        return
    expect(phone.get_by_test_id("business-app-done")).to_be_visible()
    hear_from_meta(2)
    phone.goto(f"{portal}/connect/{from_meta.token}/")
    expect(phone.locator("[data-underway=succeeded]")).to_be_visible()
    expect(phone.locator("[data-state=connected]")).to_be_visible()
    assert has_features(there)


@pytest.mark.parametrize(
    "spelling",
    [
        "https://evil.example/",
        "https://www.facebook.com@evil.example/",
        "https://evil.example%5C.facebook.com/",
        "https://www.facebook.com%09.evil.example/",
        "//evil.example/",
        "https://www.facebook.com:8443/",
        "javascript:alert(1)//www.facebook.com",
    ],
)
def test_a_browser_never_leaves_for_a_foreign_host(
    spelling: str, portal: str, phone: Page, app: MetaApp, business: Business
) -> None:
    EntryPointFactory.create(meta_app=app, slug="go")
    phone.goto(f"{portal}/connect/{Merchant(business).token}/")
    phone.goto(f"{portal}/connect/business-app/{app.app_id}/?redirect_uri={spelling}")
    expect(phone.get_by_role("heading", level=1)).to_have_text("This address does not lead back to Meta")
    assert phone.locator("form[action*=business-app], [data-entry-point], a[href^=http]").count() == 0


def test_a_second_vertical_says_on_a_phone_what_it_shares(
    portal: str, phone: Page, app: MetaApp, business: Business
) -> None:
    EntryPointFactory.create(meta_app=app, slug="book")
    EntryPointFactory.create(meta_app=app, slug="sell", vertical="ECOMMERCE", intent="")
    merchant = Merchant(business)
    merchant.go_through("book", "FB_SERVICES")
    hear_from_meta(1)
    phone.goto(f"{portal}/connect/{merchant.token}/")
    shared = phone.locator(".shared")
    expect(shared).to_have_count(1)
    expect(shared).to_contain_text(Installation.objects.get().business_manager_id)
    expect(shared).to_contain_text("Facebook Page")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
