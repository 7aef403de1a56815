"""The merchant's way through Meta in a real browser, without JavaScript and by keyboard."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from features.sync import drain
from partners.models import Business, MetaApp
from tests.factories import EntryPointFactory
from tests.meta import Meta
from tests.onboarding.merchant import Merchant

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A phone without JavaScript."""
    context = chromium.new_context(
        locale="en-US", java_script_enabled=False, viewport={"width": 390, "height": 844}, color_scheme="dark"
    )
    yield context.new_page()
    context.close()


def test_a_merchant_connects_by_keyboard_without_javascript(
    live_server: LiveServer, settings: Settings, phone: Page, meta: Meta, app: MetaApp, business: Business
) -> None:
    settings.PUBLIC_URL = live_server.url
    EntryPointFactory.create(meta_app=app, slug="book")
    phone.goto(f"{live_server.url}/connect/{Merchant(business).token}/")
    button = phone.locator('[data-entry-point="book"] button')
    for _ in range(10):
        phone.keyboard.press("Tab")
        if phone.locator('[data-entry-point="book"] button:focus').count():
            break
    expect(button).to_be_focused()
    phone.keyboard.press("Enter")
    expect(phone).to_have_url(re.compile(re.escape(settings.META_DIALOG_URL)))
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("One moment, please")
    drain()
    expect(phone.get_by_role("heading", level=1)).to_have_text("You are connected", timeout=10_000)
    expect(phone.get_by_role("link", name="Manage at Meta")).to_be_visible()
    phone.get_by_role("link", name="Back to the page of Lotus Salon").click()
    expect(phone.locator(".card .pill")).to_have_text("On")
