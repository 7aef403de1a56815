"""The cockpit's lists and links in a real browser, without JavaScript, on a desk and on a phone."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from features.models import Installation, MbeVersion
from onboarding.models import LaunchLink
from partners.models import MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import BusinessFactory, EntryPointFactory, InstallationFactory, MembershipFactory, MetaAppFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK, PHONE = 1280, 390
LONG = "A surf and sail school with a name that goes on and on, and has-one-word-without-any-place-to-break"


@pytest.fixture
def app() -> MetaApp:
    """An app with four businesses that must reconnect, one of them with a long name."""
    row: MetaApp = MetaAppFactory.create()
    EntryPointFactory.create(meta_app=row)
    for name in ("Harbour Tea", "九龍花店", "", LONG):
        business = BusinessFactory.create(partner=row.partner, name=name)
        state = {"state": "reconnect", "reason": Installation.Reason.TOKEN_DEAD, "mbe_version": MbeVersion.V2}
        InstallationFactory.create(meta_app=row, business=business, **state)
    return row


@pytest.fixture
def plain(chromium: Browser, live_server: LiveServer, settings: Settings, app: MetaApp) -> Iterator[Page]:
    """The manager's browser, without JavaScript."""
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    staff = signed_in(MembershipFactory.create(partner=app.partner, role=Role.MANAGER).user)
    context = chromium.new_context(locale="en-US", java_script_enabled=False)
    session = staff.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


def fits(page: Page) -> None:
    """Both widths hold the page."""
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 844})
        content = page.locator("#content").bounding_box()
        assert content is not None and content["x"] >= 0 and content["x"] + content["width"] <= width


def test_links_are_made_once_however_often_the_button_is_pressed(
    plain: Page, live_server: LiveServer, app: MetaApp
) -> None:
    plain.goto(live_server.url + reverse("golive-cockpit-businesses", args=[app.pk, "reconnect"]))
    fits(plain)
    for box in plain.locator("input[name=chosen]").all():
        box.check()
    plain.get_by_role("button", name="Launch links for those chosen").click()
    fits(plain)
    plain.get_by_role("button", name="Make and show them").dblclick()
    expect(plain.locator("input.copyable")).to_have_count(4)
    fits(plain)
    first = [each.input_value() for each in plain.locator("input.copyable").all()]
    plain.reload()
    assert [each.input_value() for each in plain.locator("input.copyable").all()] == first
    assert LaunchLink.objects.count() == 4


def test_new_links_for_all_are_asked_for_by_a_tick(plain: Page, live_server: LiveServer, app: MetaApp) -> None:
    address = live_server.url + reverse("golive-cockpit-businesses", args=[app.pk, "reconnect"])
    plain.goto(address)
    plain.get_by_role("button", name="Launch links for all who have none").click()
    plain.get_by_role("button", name="Make and show them").click()
    plain.goto(address)
    plain.locator("input[name=chosen]").first.check()
    plain.get_by_role("button", name="Launch links for those chosen").click()
    plain.get_by_role("button", name="Make and show them").click()
    expect(plain.get_by_role("checkbox")).to_be_visible()  # the browser holds the form back: nothing to make is chosen
    plain.get_by_role("checkbox").check()
    plain.get_by_role("button", name="Make and show them").click()
    expect(plain.locator("input.copyable")).to_have_count(1)
    assert LaunchLink.objects.filter(revoked_at=None).count() == 4 and LaunchLink.objects.count() == 5


def test_the_whole_menu_is_a_button_and_so_is_its_undoing(plain: Page, live_server: LiveServer, app: MetaApp) -> None:
    entry_point = EntryPointFactory.create(
        partner=app.partner, meta_app=app, vertical="ECOMMERCE", intent="", channel="COMMERCE"
    )
    plain.goto(live_server.url + reverse("golive-cockpit-channels", args=[app.pk]))
    fits(plain)
    plain.get_by_role("button", name="Choose the whole menu").click()
    fits(plain)
    entry_point.refresh_from_db()
    assert entry_point.has_chosen_menu
    plain.get_by_role("button", name="Undo: undecided again").click()
    expect(plain.get_by_role("button", name="Choose the whole menu")).to_be_visible()
    entry_point.refresh_from_db()
    assert not entry_point.has_chosen_menu
