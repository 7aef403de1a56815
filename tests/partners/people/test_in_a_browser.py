"""People's ways in a real browser: invited on a phone, the second factor, another partner, a forgotten password."""

import re
from collections.abc import Iterator

import pytest
from django.core import mail
from django.utils import timezone
from django_otp.oath import TOTP
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from partners.people import resets, tasks
from partners.people.models import Authenticator
from tests.factories import MembershipFactory

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
NEW_PASSWORD = "a heron over the harbour"


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A phone without JavaScript."""
    context = chromium.new_context(locale="en-US", java_script_enabled=False, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def public(settings: Settings, live_server: LiveServer) -> str:
    """The address of the portal."""
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    return live_server.url


def sign_in(page: Page, public: str, name: str, password: str = PASSWORD) -> None:
    """Sign in by the login page."""
    page.goto(f"{public}/admin/login/?next=/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("/login/"))


def type_code(page: Page, steps: int = 0) -> None:
    """Type what the app shows."""
    totp = TOTP(Authenticator.objects.get().key)
    totp.time = timezone.now().timestamp() + 30 * steps
    page.get_by_label("Code").fill(f"{totp.token():06}")
    page.keyboard.press("Enter")


def fits(page: Page) -> bool:
    """Whether nothing is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_an_owner_invites_and_a_newcomer_comes_in_on_a_phone(page: Page, phone: Page, public: str) -> None:
    owner = MembershipFactory.create()
    sign_in(page, public, owner.user.username)
    page.goto(f"{public}/admin/people/invitation/add/")
    page.get_by_label("Email").fill("ann@shop.example")
    page.get_by_label("viewer: reads").check()
    page.get_by_role("button", name="Save").click()
    link = page.locator("#invitation-link").input_value()
    phone.goto(link)
    expect(phone).to_have_url(f"{public}/account/invitation/")
    expect(phone.get_by_role("heading", level=1)).to_have_text(f"Join {owner.partner}")
    phone.get_by_label("Your name").fill("Ann Lee")
    phone.get_by_label("Password", exact=True).fill("short")
    phone.get_by_label("Password confirmation").fill("short")
    phone.get_by_role("button", name="Join").click()
    expect(phone.get_by_role("alert")).to_contain_text("at least 12 characters")
    assert fits(phone)
    phone.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    phone.get_by_label("Password confirmation").fill(NEW_PASSWORD)
    phone.get_by_role("button", name="Join").click()
    expect(phone.locator("#in-view")).to_have_text(str(owner.partner))
    page.goto(f"{public}/admin/partners/membership/")
    expect(page.locator("#result_list")).to_contain_text("ann@shop.example")


def test_a_second_factor_is_set_up_and_asked_for(page: Page, public: str) -> None:
    owner = MembershipFactory.create()
    sign_in(page, public, owner.user.username)
    page.get_by_role("link", name="Second factor").click()
    page.get_by_role("button", name="Set up").click()
    picture = page.get_by_role("img", name="QR code")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth > 100)")
    type_code(page, -1)
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    recovery_code = page.locator(".recovery-codes li").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    for proof in ("", recovery_code):
        page.get_by_role("button", name="Log out").click()
        sign_in(page, public, owner.user.username)
        expect(page.get_by_role("heading", level=1)).to_have_text("Your code")
        if proof:
            page.get_by_label("Code").fill(proof)
            page.keyboard.press("Enter")
        else:
            type_code(page)
        expect(page.locator("#in-view")).to_have_text(str(owner.partner))


def test_a_person_of_two_partners_switches_without_javascript(phone: Page, public: str) -> None:
    first = MembershipFactory.create()
    second = MembershipFactory.create(user=first.user)
    sign_in(phone, public, first.user.username)
    phone.get_by_label("Partner in view").select_option(str(second.partner))
    phone.get_by_role("button", name="Switch").click()
    phone.goto(f"{public}/admin/partners/partner/")
    expect(phone.locator("#result_list")).to_contain_text(str(second.partner))
    expect(phone.locator("#result_list")).not_to_contain_text(str(first.partner))


def test_a_forgotten_password_is_replaced(phone: Page, public: str, settings: Settings) -> None:
    settings.SENDS_MAIL = True
    member = MembershipFactory.create(user__username="ann@shop.example")
    phone.goto(f"{public}/admin/login/")
    phone.get_by_role("link", name="Forgot your password?").click()
    phone.get_by_label("Email").fill("ann@shop.example")
    phone.get_by_role("button", name="Send me a link").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    for each in resets.due():
        tasks.mail_reset(each)
    link = re.search(r"http\S+", str(mail.outbox[0].body))
    assert link
    phone.goto(link[0])
    phone.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    phone.get_by_label("New password confirmation").fill(NEW_PASSWORD)
    phone.get_by_role("button", name="Save the new password").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("The new password counts")
    phone.get_by_role("link", name="Sign in").click()
    sign_in(phone, public, "ann@shop.example", NEW_PASSWORD)
    expect(phone.locator("#in-view")).to_have_text(str(member.partner))
