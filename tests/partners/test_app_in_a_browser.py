"""Platform staff add a Meta app: in a browser without JavaScript, and with the search in one that has it.

With SCREENSHOTS naming a directory, the form leaves pictures there, of a desk and of a phone.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from onboarding.models import EntryPoint
from partners import open_choice
from partners.models import Business, MetaApp, Partner
from tests.admin_rows import signed_in, superuser
from tests.factories import MembershipFactory, PartnerFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK, PHONE = 1280, 390
ADD = reverse("admin:partners_metaapp_add")


def page_of(browser: Browser, address: str, user: User, *, scripts: bool) -> Page:
    """A page in which this person is signed in."""
    context: BrowserContext = browser.new_context(locale="en-US", java_script_enabled=scripts, base_url=address)
    context.add_cookies([{"name": "sessionid", "value": signed_in(user).cookies["sessionid"].value, "url": address}])
    return context.new_page()


@pytest.fixture(autouse=True)
def public(settings: Settings, live_server: LiveServer) -> None:
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]


@pytest.fixture
def partner(live_server: LiveServer) -> Partner:
    """One of several partners, and not the first."""
    PartnerFactory.create(name="Aardvark")
    PartnerFactory.create(name="Zebra")
    row: Partner = PartnerFactory.create(name="Bookly")
    return row


@pytest.fixture
def plain(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A browser of platform staff that runs no scripts."""
    page = page_of(chromium, live_server.url, superuser(), scripts=False)
    yield page
    page.context.close()


@pytest.fixture
def scripted(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A browser of platform staff that runs scripts."""
    page = page_of(chromium, live_server.url, superuser(), scripts=True)
    yield page
    page.context.close()


def look(page: Page, name: str) -> None:
    """Nothing is wider than a phone; keep what the person sees, if somebody wants to look."""
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        if directory := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(directory) / f"APP-{name}-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    page.set_viewport_size({"width": DESK, "height": 900})


def fill(page: Page) -> None:
    """Type what a new app needs besides its partner."""
    page.get_by_label("Name:").fill("Live")
    page.get_by_label("App id:").fill("4711")
    page.get_by_label("App secret:").fill("the-secret")
    page.get_by_label("Verify token:").fill("the-verify-token")


def save(page: Page) -> None:
    """Press the button."""
    page.get_by_role("button", name="Save", exact=True).click()


def test_the_partner_of_a_new_app_is_chosen_without_javascript(plain: Page, partner: Partner) -> None:
    plain.goto(ADD)
    chosen = plain.get_by_label("Partner:")
    expect(chosen).to_have_value("")
    assert chosen.locator("option").all_inner_texts() == ["", "Aardvark", "Bookly", "Zebra"]
    look(plain, "plain")
    fill(plain)
    chosen.select_option("Bookly")
    save(plain)
    expect(plain.locator(".messagelist .success")).to_be_visible()
    app = MetaApp.objects.get()
    assert (app.partner, app.app_id, app.secret) == (partner, "4711", "the-secret")


def test_nothing_is_chosen_for_anybody_who_chooses_nothing(plain: Page, partner: Partner) -> None:
    plain.goto(ADD)
    plain.locator("form#metaapp_form").evaluate("form => { form.noValidate = true; }")
    fill(plain)
    save(plain)
    expect(plain.locator(".errorlist")).to_contain_text("This field is required.")
    plain.get_by_label("Partner:").select_option("Zebra")
    plain.get_by_label("App secret:").fill("")
    save(plain)
    expect(plain.get_by_label("Partner:").locator("option:checked")).to_have_text("Zebra")
    assert not MetaApp.objects.exists()


def test_an_app_and_what_hangs_on_it_are_made_without_javascript(plain: Page, partner: Partner) -> None:
    plain.goto(reverse("admin:partners_business_add"))
    plain.get_by_label("Partner:").select_option("Bookly")
    plain.get_by_label("Name:").fill("Salon")
    plain.get_by_label("External business id:").fill("salon-1")
    save(plain)
    assert Business.objects.get().partner == partner
    plain.goto(ADD)
    fill(plain)
    plain.get_by_label("Partner:").select_option("Bookly")
    save(plain)
    plain.goto(reverse("admin:onboarding_entrypoint_add"))
    plain.get_by_label("Meta app:").select_option("Live (4711)")
    plain.get_by_label("Slug:").fill("book")
    save(plain)
    assert EntryPoint.objects.get().meta_app == MetaApp.objects.get()


def test_with_javascript_the_partner_is_searched_for(scripted: Page, partner: Partner) -> None:
    scripted.goto(ADD)
    box = scripted.locator(".select2-selection")
    expect(box).to_have_text("")
    box.click()
    scripted.locator(".select2-search__field").fill("book")
    expect(scripted.locator(".select2-results__option")).to_have_text(["Bookly"])
    look(scripted, "scripted")
    scripted.locator(".select2-results__option").click()
    expect(box).to_contain_text("Bookly")
    fill(scripted)
    save(scripted)
    expect(scripted.locator(".messagelist .success")).to_be_visible()
    assert MetaApp.objects.get().partner == partner


def test_where_partners_are_many_one_is_found_by_its_name(plain: Page, partner: Partner) -> None:
    PartnerFactory.create_batch(open_choice.MOST_LISTED)
    plain.goto(ADD)
    fill(plain)
    plain.get_by_label("Find: partner").fill("zeb")
    plain.get_by_role("button", name="Find", exact=True).click()
    expect(plain.get_by_label("Partner:").locator("option:checked")).to_have_text("Zebra")
    look(plain, "many")
    plain.get_by_label("App secret:").fill("the-secret")
    plain.get_by_label("Verify token:").fill("the-verify-token")
    save(plain)
    assert MetaApp.objects.get().partner.name == "Zebra"


def test_who_belongs_to_a_partner_finds_no_other_in_the_page(
    chromium: Browser, live_server: LiveServer, partner: Partner
) -> None:
    member = MembershipFactory.create(partner=partner).user
    page = page_of(chromium, live_server.url, member, scripts=False)
    for address in (ADD, reverse("admin:partners_business_add"), reverse("admin:onboarding_entrypoint_add")):
        page.goto(address)
        assert "Zebra" not in page.content()
    page.context.close()
