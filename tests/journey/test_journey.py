"""The main job in a real browser: a merchant connects, changes, cancels and leaves; every page and record is right.

With SCREENSHOTS naming a directory, each step leaves a picture there.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.stack import DemoStack
from tests.waiting import eventually

pytestmark = pytest.mark.browser

SALON = "salon-1001"
PHONE = ViewportSize(width=390, height=844)
BOOKING = Counter(["page_cta", "page_card", "catalog", "messenger_menu", "thread_intent"])


def picture(page: Page, name: str) -> None:
    """Keep what the person sees, if somebody wants to look."""
    if directory := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)


def click_button(page: Page, demo: DemoStack, entry_point: str) -> None:
    """Open the merchant's page and click one of its buttons."""
    page.goto(demo.demo["merchant_url"])
    page.locator(f"[data-entry-point={entry_point}] button").click()


def see_connected(page: Page) -> None:
    """The page follows the sync by itself."""
    expect(page.locator("[data-outcome=succeeded]")).to_be_visible()
    expect(page.locator("[data-state=connected]")).to_be_visible(timeout=20_000)
    expect(page.locator(".spinner")).to_have_count(0, timeout=20_000)


def sign_in(page: Page, demo: DemoStack) -> None:
    """Sign in to the admin with the demo login."""
    page.goto(demo.demo["admin_url"])
    page.get_by_label("Username").fill(demo.demo["admin_username"])
    page.get_by_label("Password").fill(demo.demo["admin_password"])
    page.get_by_role("button", name="Log in").click()


def open_installation(page: Page, demo: DemoStack) -> None:
    """Find the salon's installation in the admin."""
    page.goto(f"{demo.demo['admin_url']}features/installation/")
    page.locator("#result_list tbody tr").filter(has_text=SALON).locator("th a").first.click()


def test_a_merchant_connects_changes_cancels_and_leaves(demo: DemoStack, page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(demo.demo["merchant_url"])
    picture(page, "1-merchant-page")

    click_button(page, demo, "book-on-facebook")
    expect(page.get_by_test_id("intent-FB_SERVICES")).to_be_checked()
    picture(page, "2-dialog")
    page.get_by_test_id("continue").click()
    see_connected(page)
    picture(page, "3-connected")
    assert demo.installed(SALON) == BOOKING
    manager = demo.show(SALON)["connection"]["business_manager_id"]

    click_button(page, demo, "sell-products")
    page.get_by_test_id("intent-MESSENGER_CHAT").check()
    page.get_by_test_id("continue").click()
    see_connected(page)
    assert demo.installed(SALON) == BOOKING + Counter(["messenger_chat"])
    record = demo.show(SALON)
    assert record["connection"]["state"] == "connected"
    assert record["connection"]["business_manager_id"] == manager
    assert record["management_url"]

    click_button(page, demo, "advertise")
    page.get_by_test_id("cancel").click()
    expect(page.locator("[data-outcome=cancelled]")).to_be_visible()
    picture(page, "4-cancelled")
    assert demo.installed(SALON) == BOOKING + Counter(["messenger_chat"])

    page.goto(record["management_url"])
    picture(page, "5-management")
    card = next(each for each in record["features"] if each["feature_type"] == "page_card")
    page.get_by_test_id(f"remove-{card['feature_instance_id']}").click()
    eventually(lambda: demo.installed(SALON)["page_card"] == 0)
    page.get_by_test_id("add-type").select_option("lead_ads")
    page.get_by_test_id("add").click()
    eventually(lambda: demo.installed(SALON)["lead_ads"] == 1)
    page.goto(demo.demo["merchant_url"])
    expect(page.locator(".connection")).to_contain_text("Lead ads")
    expect(page.locator(".connection")).not_to_contain_text("Page card")
    picture(page, "6-after-management")

    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in(page, demo)
    picture(page, "7-admin")
    open_installation(page, demo)
    expect(page.locator("#content")).to_contain_text("lead_ads")
    expect(page.get_by_role("link", name="Management view")).to_be_visible()
    picture(page, "8-installation")

    page.goto(record["management_url"])
    page.get_by_test_id("uninstall").click()
    eventually(lambda: demo.show(SALON)["connection"]["state"] == "disconnected")
    gone = demo.show(SALON)
    assert not [each for each in gone["features"] if each["installed"]]
    assert gone["management_url"] is None
    assert [each["kind"] for each in gone["changes"]].count("removed") == len(gone["features"])
    open_installation(page, demo)
    expect(page.locator("#content")).to_contain_text("disconnected")
    picture(page, "9-uninstalled")
    page.set_viewport_size(PHONE)
    page.goto(demo.demo["merchant_url"])
    expect(page.locator("[data-state=disconnected]")).to_be_visible()
    picture(page, "10-merchant-after")


def test_a_browser_in_hong_kong_reads_traditional_chinese(demo: DemoStack, page: Page) -> None:
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(locale="zh-HK", viewport=PHONE)
    chinese = context.new_page()
    chinese.goto(demo.demo["merchant_url"])
    expect(chinese.locator("html")).to_have_attribute("lang", "zh-hant")
    expect(chinese.locator("body")).to_contain_text("我想在 Facebook 上展示我的服務")
    picture(chinese, "11-chinese")
    context.close()
