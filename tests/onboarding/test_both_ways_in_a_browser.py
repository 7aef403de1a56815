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
from tests.factories import EntryPointFactory
from tests.meta import Meta
from tests.onboarding.merchant import Merchant
from tests.onboarding.sign_in_page import SignInPage, sign_in_page
from webhooks.models import Delivery
from webhooks.tasks import process_inbox

pytestmark = pytest.mark.browser


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


@pytest.fixture
def bookly(app: MetaApp) -> Iterator[SignInPage]:
    """The partner's page on which merchants who come from Meta sign in."""
    with sign_in_page() as page:
        MetaApp.objects.filter(pk=app.pk).update(sign_in_url=page.address)
        yield page


def first_offer(vertical: str) -> tuple[str, ...]:
    """The features that the first line of Meta's menu turns on, optional ones too."""
    items = menu(vertical)
    return items[0].features if items else VERTICALS[vertical].unverified_features[:1]


def go_through_dialog(page: Page) -> None:
    """Turn on the first thing that Meta offers."""
    expect(page.get_by_test_id("feature-menu")).to_be_visible()
    page.locator("input[name=intent]").first.check()
    page.get_by_test_id("continue").click()


def hear_from_meta(count: int) -> None:
    """Do what the workers do, once so many webhooks are there."""
    end = time.monotonic() + 20
    while Delivery.objects.count() < count and time.monotonic() < end:
        time.sleep(0.05)
    process_inbox()
    drain()


def on_record(business: Business) -> list[str]:
    """The feature types that the portal has of a connected business."""
    found = Installation.objects.get(business=business)
    assert found.state == "connected"
    return sorted(Feature.objects.filter(installation=found, removed_at=None).values_list("feature_type", flat=True))


def at_meta(meta: Meta, business: Business) -> list[str]:
    """The feature types that Meta has of it."""
    key = business.external_business_id
    (found,) = [each for each in meta.counters()["connections"] if each["external_business_id"] == key]
    return sorted(each["feature_type"] for each in found["features"])


@pytest.mark.parametrize("vertical", VERTICALS)
def test_a_merchant_comes_in_from_the_partner(
    vertical: str, portal: str, phone: Page, meta: Meta, app: MetaApp, business: Business
) -> None:
    EntryPointFactory.create(meta_app=app, slug="go", vertical=vertical, intent="")
    phone.goto(f"{portal}/connect/{Merchant(business).token}/")
    phone.locator("[data-entry-point=go] button").click()
    go_through_dialog(phone)
    expect(phone.locator("[data-outcome]")).to_be_visible()
    hear_from_meta(1)
    expect(phone.get_by_role("heading", level=1)).to_have_text("You are connected", timeout=15_000)
    assert on_record(business) == sorted(first_offer(vertical)) == at_meta(meta, business)


@pytest.mark.parametrize("vertical", VERTICALS)
def test_a_merchant_comes_in_from_meta(
    vertical: str, portal: str, phone: Page, meta: Meta, app: MetaApp, business: Business, bookly: SignInPage
) -> None:
    EntryPointFactory.create(meta_app=app, slug="go", vertical=vertical, intent="")
    merchant = Merchant(business)
    bookly.launch_token = merchant.token
    phone.goto(f"{meta.url}/business-app/{app.app_id}")
    phone.get_by_test_id("start-at-meta").click()
    phone.get_by_role("link", name="Sign in as this business").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(business.name)
    assert merchant.token not in phone.url
    phone.locator("[data-entry-point=go] button").click()
    go_through_dialog(phone)
    expect(phone.get_by_test_id("business-app-done")).to_be_visible()
    hear_from_meta(1)
    phone.goto(f"{portal}/connect/{merchant.token}/")
    expect(phone.locator("[data-underway=succeeded]")).to_be_visible()
    expect(phone.locator("[data-state=connected]")).to_be_visible()
    assert on_record(business) == sorted(first_offer(vertical)) == at_meta(meta, business)


def test_who_does_not_sign_in_may_try_again_and_who_goes_back_may_press_again(
    portal: str, phone: Page, meta: Meta, app: MetaApp, business: Business, bookly: SignInPage
) -> None:
    EntryPointFactory.create(meta_app=app, slug="go")
    bookly.launch_token = "no-such-token"
    phone.goto(f"{meta.url}/business-app/{app.app_id}")
    phone.get_by_test_id("start-at-meta").click()
    phone.get_by_role("link", name="Cancel").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Which business are you?")
    phone.get_by_role("link", name="Sign in at Bookly").click()
    phone.get_by_role("link", name="Sign in as this business").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("This link does not open any more")
    bookly.launch_token = Merchant(business).token
    phone.get_by_role("link", name="Sign in at Bookly").click()
    phone.get_by_role("link", name="Sign in as this business").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(business.name)
    phone.reload()
    for _ in range(2):
        phone.locator("[data-entry-point=go] button").click()
        expect(phone.get_by_test_id("feature-menu")).to_be_visible()
        phone.go_back()
    expect(phone.get_by_role("heading", level=1)).to_have_text(business.name)
    assert OnboardingAttempt.objects.filter(business=business, outcome="started").count() == 2


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
