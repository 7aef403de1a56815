"""The page in a real browser without JavaScript, on a desk and on a phone.

With SCREENSHOTS naming a directory, pictures are left there.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.golive.diagnosis.scene import Scene
from tests.golive.diagnosis.situations.working import changed_at_meta

pytestmark = pytest.mark.browser

DESK, PHONE = 1280, 390


@pytest.fixture
def plain(chromium: Browser, live_server: LiveServer, settings: Settings, scene: Scene) -> Iterator[Page]:
    """The manager's browser, without JavaScript."""
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    context = chromium.new_context(locale="en-US", java_script_enabled=False)
    session = scene.staff.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


def opened(page: Page, live_server: LiveServer, scene: Scene) -> Page:
    """The diagnosis, which fits both widths."""
    page.goto(live_server.url + reverse("golive-diagnosis", args=[scene.business.pk]))
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 844})
        if directory := os.environ.get("SCREENSHOTS"):
            name = scene.walk().stops_at or "live"
            page.screenshot(path=Path(directory) / f"diagnosis-{name}-{width}.png", full_page=True)
        content = page.locator("#content").bounding_box()
        assert content is not None and content["x"] >= 0 and content["x"] + content["width"] <= width
    return page


def test_a_link_is_made_from_the_page_and_a_live_business_says_so(
    plain: Page, live_server: LiveServer, scene: Scene
) -> None:
    scene.button()
    opened(plain, live_server, scene)
    expect(plain.locator(".verdict")).to_contain_text("No launch link has been made for the business.")
    plain.locator(".verdict").get_by_role("button", name="New launch link").click()
    expect(plain.locator("input.copyable")).to_have_value(re.compile(f"^{live_server.url}/connect/"))
    scene.goes_through("LEAD_ADS")
    scene.hears_from_meta()
    scene.work()
    opened(plain, live_server, scene)
    expect(plain.locator(".verdict")).to_contain_text("Live: connected since")
    expect(plain.locator("ol.steps > li")).to_have_count(9)


def test_a_push_is_planned_from_the_page(plain: Page, live_server: LiveServer, scene: Scene) -> None:
    changed_at_meta(scene)
    opened(plain, live_server, scene)
    plain.locator(".verdict").get_by_role("button", name="Push ours").click()
    expect(plain.get_by_role("button", name="Push to Meta")).to_be_visible()
