"""A connection is uninstalled in a real browser: the question, the steps, the merchant's page meanwhile, and the end.

With SCREENSHOTS naming a directory, each step leaves pictures there, of a desk and of a phone.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from features.models import Installation
from features.uninstalling.models import Uninstall
from onboarding.models import new_token
from partners.models import Business, Role
from tests.admin_rows import page as address_of
from tests.admin_rows import signed_in
from tests.factories import EntryPointFactory, LaunchLinkFactory, MembershipFactory
from tests.features.uninstalling.ground import again, connected, looked, slow, the, went_on
from tests.meta import Meta

pytestmark = pytest.mark.browser

DESK, PHONE = 1280, 390


def picture(page: Page, name: str) -> None:
    """Keep what the person sees, if somebody wants to look; nothing is wider than a phone."""
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        if directory := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(directory) / f"UN-{name}-{width}.png", full_page=True)


@pytest.fixture
def salon(shared_meta: Meta) -> Installation:
    """A business with several features."""
    installation = connected(shared_meta, "page_cta", "catalog", "pixel", external_id="lotus")
    Business.objects.update(name="Lotus Salon", domain="https://lotus.example")
    return installation


@pytest.fixture
def portal(page: Page, live_server: LiveServer, settings: Settings, salon: Installation) -> str:
    """The portal's address; its manager is signed in."""
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    manager = MembershipFactory.create(partner=salon.partner, role=Role.MANAGER, user__username="ann").user
    session = signed_in(manager).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": DESK, "height": 844})
    return live_server.url


def test_a_connection_is_uninstalled_before_everybodys_eyes(
    page: Page, portal: str, shared_meta: Meta, salon: Installation
) -> None:
    slow(shared_meta, 2)
    EntryPointFactory.create(meta_app=salon.meta_app, slug="book", label="Book appointments")
    token = new_token()
    LaunchLinkFactory.create(business=salon.business, token=token)
    page.goto(portal + address_of("features_installation", salon))
    page.get_by_role("link", name="Uninstall at Meta…").click()
    expect(page.get_by_text("Meta is asked to remove the whole connection")).to_be_visible()
    picture(page, "1-question")
    page.get_by_role("button", name="Yes, I am sure").click()
    expect(page.get_by_role("status")).to_contain_text("Meta is asked as soon as a worker is free")
    picture(page, "2-requested")
    row = went_on(Uninstall.objects.get())
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("Meta has said yes")
    expect(page.get_by_role("button", name="Try now")).to_have_count(0)
    picture(page, "3-acknowledged")
    page.goto(portal + address_of("features_installation", salon))
    expect(page.locator("ol.steps")).to_contain_text("still to come")
    picture(page, "4-installation")
    page.goto(f"{portal}/connect/{token}/")
    expect(page.locator("[data-removal]")).to_contain_text("you start anew, and the removal is called off")
    picture(page, "5-merchant")
    row = looked(looked(looked(row)))
    assert again(row).state == Uninstall.State.GONE
    page.reload()
    expect(page.get_by_text("Your service provider has removed the connection at Meta")).to_be_visible()
    picture(page, "6-merchant-after")
    page.goto(portal + address_of("uninstalling_uninstall", row))
    expect(page.get_by_text("Seen to be gone, and recorded")).to_be_visible()
    picture(page, "7-gone")
    page.goto(f"{portal}/admin/uninstalling/uninstall/")
    expect(page.get_by_role("row", name="the whole connection")).to_contain_text("gone at Meta")
    picture(page, "8-list")


def test_a_feature_has_its_button_or_the_way_to_meta(
    page: Page, portal: str, shared_meta: Meta, salon: Installation
) -> None:
    page.goto(portal + address_of("features_feature", the("page_cta")))
    page.get_by_role("link", name="Uninstall at Meta…").click()
    expect(page.get_by_text("switch this one feature off")).to_be_visible()
    picture(page, "9-question-of-feature")
    page.get_by_role("button", name="Yes, I am sure").click()
    page.get_by_role("link", name="Call off").click()
    expect(page.get_by_text("Do you want to call it off?")).to_be_visible()
    page.get_by_role("button", name="Yes, I am sure").click()
    expect(page.get_by_text("Somebody called it off.")).to_be_visible()
    picture(page, "10-called-off")
    page.goto(portal + address_of("features_feature", the("pixel")))
    expect(page.get_by_role("link", name="Uninstall at Meta…")).to_have_count(0)
    expect(page.get_by_text("Meta has no interface through which this feature alone")).to_be_visible()
    picture(page, "11-no-interface")
