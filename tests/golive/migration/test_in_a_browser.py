"""The way from v2 to v3 in a browser without JavaScript: a dry run, the import, and the cockpit after it.

With SCREENSHOTS naming a directory, each step leaves pictures there, of a desk and of a phone.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from features.hints import mark_dirty
from features.models import Cause, Installation
from features.sync import drain
from golive.migration import taking
from partners.models import Role
from partners.tenancy import tenant
from tests.admin_rows import signed_in
from tests.factories import MembershipFactory
from tests.golive.migration.files import COLUMNS, HEAD, line
from tests.meta import Meta

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK, PHONE = 1280, 390


@pytest.fixture
def staff(chromium: Browser, live_server: LiveServer, settings: Settings, meta: Meta) -> Iterator[Page]:
    """A manager of the partner, whose browser runs no scripts."""
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    manager = MembershipFactory.create(partner=meta.app.partner, role=Role.MANAGER).user
    context = chromium.new_context(
        locale="en-US", java_script_enabled=False, viewport={"width": DESK, "height": 900}, base_url=live_server.url
    )
    session = signed_in(manager).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


def look(page: Page, name: str) -> None:
    """Nothing is wider than a phone; keep what the person sees, if somebody wants to look."""
    directory = os.environ.get("SCREENSHOTS")
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        if directory:
            page.screenshot(path=Path(directory) / f"MI-{name}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    page.set_viewport_size({"width": DESK, "height": 900})


def hand_over(page: Page, text: str, *, is_dry_run: bool = False) -> None:
    """Choose a file and start."""
    page.get_by_label("File:").set_input_files(
        {"name": "v2-installations.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    if is_dry_run:
        page.get_by_label("Dry run").check()
    page.get_by_role("button", name="Start the import").click()


def work(page: Page) -> None:
    """What a worker does, and the next look of the person."""
    for partner_id, run_id in taking.to_take():
        taking.take(partner_id, run_id)
    page.reload()


def text_of(meta: Meta) -> str:
    """Two businesses that are well, one whose token is dead, and two rows that cannot be taken."""
    good = [line(name, meta.connect(name, "catalog", "pixel"), channel="DEFAULT") for name in ("shop-1", "shop-2")]
    dead = meta.connect("shop-3", "catalog")
    meta.change("shop-3", kill_tokens=463)
    return HEAD + "".join(good) + line("shop-3", dead) + line("shop-4", "x" * 9, timezone="Mars") + line("", "y" * 9)


def test_a_manager_imports_a_file_and_sees_the_businesses_come_to_v3(staff: Page, meta: Meta) -> None:
    meta.speak("v2")
    staff.goto(reverse("golive-cockpits"))
    staff.get_by_role("link", name=meta.app.name).click()
    look(staff, "1-cockpit-before")
    staff.get_by_role("link", name="Import from v2").click()
    look(staff, "2-imports-empty")
    text = text_of(meta)
    _dry_run(staff, text)
    _import(staff, text)
    drain()
    _cockpit(staff, meta)


def _dry_run(staff: Page, text: str) -> None:
    hand_over(staff, text, is_dry_run=True)
    expect(staff.get_by_text("this is a dry run")).to_be_visible()
    look(staff, "3-waiting")
    staff.get_by_role("button", name="Stop the import").click()
    expect(staff.get_by_text("The import is stopped.")).to_be_visible()
    work(staff)
    look(staff, "4-stopped")
    staff.get_by_role("button", name="Resume the import").click()
    work(staff)
    for said in ("imported: 2", "to reconnect: 1", "rejected: 2", "100 %"):
        expect(staff.get_by_text(said)).to_be_visible()
    assert not Installation.objects.exists()
    look(staff, "5-dry-run-done")
    with staff.expect_download() as download:
        staff.get_by_role("link", name="Download rejected rows").click()
    rows = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert "Mars" in rows[1] and "access_token" not in rows[0] and len(rows) == 3


def _import(staff: Page, text: str) -> None:
    staff.get_by_label("breadcrumbs").get_by_role("link", name="Import from v2").click()
    hand_over(staff, f"{COLUMNS}\n")
    work(staff)
    expect(staff.get_by_text("imported: 0")).to_be_visible()
    staff.get_by_label("breadcrumbs").get_by_role("link", name="Import from v2").click()
    hand_over(staff, text)
    work(staff)
    expect(staff.get_by_text("imported: 2")).to_be_visible()
    expect(staff.get_by_text("the business has to reconnect")).to_be_visible()
    look(staff, "6-import-done")
    staff.get_by_label("breadcrumbs").get_by_role("link", name="Import from v2").click()
    look(staff, "7-imports")
    staff.go_back()
    staff.get_by_role("link", name="See how far the businesses are").click()


def _cockpit(staff: Page, meta: Meta) -> None:
    staff.reload()
    look(staff, "8-cockpit-v2")
    expect(staff.get_by_role("link", name="2 v2", exact=True)).to_be_visible()
    staff.get_by_role("link", name="1 reconnect needed", exact=True).click()
    expect(staff.get_by_text("shop-3", exact=True)).to_be_visible()
    look(staff, "9-to-reconnect")
    staff.go_back()
    meta.speak("v3")
    meta.change("shop-2", add=["messenger_chat"])
    with tenant(meta.app.partner_id):
        mark_dirty(Installation.objects.filter(state="connected"), Cause.STAFF)
    drain()
    staff.reload()
    expect(staff.get_by_role("link", name="2 v3", exact=True)).to_be_visible()
    look(staff, "10-cockpit-v3")
    staff.get_by_role("link", name="1 difference to look at").click()
    expect(staff.get_by_text("Meta lists it newly")).to_be_visible()
    look(staff, "11-parities")
