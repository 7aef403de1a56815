"""From the list of what there is more to turn on, through the link, to the merchant's button, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from onboarding.models import LaunchLink
from partners.models import Business, MetaApp
from tests.admin_rows import page, signed_in
from tests.factories import EntryPointFactory, FeatureFactory, InstallationFactory, MembershipFactory

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [390, 1200])
def test_staff_press_a_button_and_the_merchant_gets_it(
    width: int, live_server: LiveServer, settings: Settings, chromium: Browser, app: MetaApp, business: Business
) -> None:
    settings.PUBLIC_URL = live_server.url
    installation = InstallationFactory.create(meta_app=app, business=business, state="connected", reason="")
    FeatureFactory.create(installation=installation, feature_type="messenger_chat")
    for intent in ("MESSENGER_CHAT", "IG_SERVICES", "ADS"):
        EntryPointFactory.create(meta_app=app, slug=intent.lower().replace("_", "-"), intent=intent)
    context = chromium.new_context(locale="en-US", viewport={"width": width, "height": 800})
    session = signed_in(MembershipFactory.create(partner=app.partner).user).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    browser = context.new_page()

    browser.goto(live_server.url + page("partners_business", business))
    expect(browser.locator("[data-more=MESSENGER_CHAT]")).to_have_count(0)
    assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    browser.locator("[data-more=IG_SERVICES] button").press("Enter")
    address = browser.locator("input.copyable").input_value()
    assert LaunchLink.objects.get().entry_point == app.entry_points.get(intent="IG_SERVICES")
    browser.goto(address)
    expect(browser.locator("[data-stage=more] [data-entry-point=ig-services] button")).to_be_enabled()
    expect(browser.locator("[data-entry-point]")).to_have_count(1)
    assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    browser.goto(live_server.url + page("partners_business", business))
    # Enter in a field saves, and makes no link.
    browser.locator("#id_name").fill("Lotus")
    browser.locator("#id_name").press("Enter")
    expect(browser).to_have_url(re.compile("/admin/partners/business/$"))
    assert LaunchLink.objects.count() == 1
    context.close()
