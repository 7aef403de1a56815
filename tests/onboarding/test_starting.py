"""Pressing a button: an attempt that is random, bound to the browser, and expires."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from features.models import Installation
from onboarding.models import LaunchLink, OnboardingAttempt, fingerprint
from partners.models import Business, MetaApp
from tests.factories import BusinessFactory, EntryPointFactory
from tests.onboarding.merchant import Merchant


@pytest.fixture
def button(app: MetaApp) -> None:
    """A button that can be pressed."""
    EntryPointFactory.create(meta_app=app, slug="book")


@pytest.mark.usefixtures("button")
def test_state_and_browser_are_kept_as_hashes_only(merchant: Merchant) -> None:
    state = merchant.start("book")["state"]
    attempt = merchant.attempt()
    cookie = merchant.client.cookies["browser"]
    assert attempt.state_hash == fingerprint(state)
    assert attempt.browser_hash == fingerprint(cookie.value)
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    assert attempt.outcome == OnboardingAttempt.Outcome.STARTED


@pytest.mark.usefixtures("button")
def test_an_attempt_expires(merchant: Merchant, settings: Settings) -> None:
    merchant.start("book")
    left = merchant.attempt().expires_at - timezone.now()
    assert timedelta(0) < left <= timedelta(seconds=settings.ATTEMPT_SECONDS)


@pytest.mark.usefixtures("button")
def test_every_press_has_a_state_of_its_own_in_the_same_browser(merchant: Merchant) -> None:
    states = {merchant.start("book")["state"] for _ in range(3)}
    assert len(states) == 3
    assert len(set(OnboardingAttempt.objects.values_list("browser_hash", flat=True))) == 1


@pytest.mark.usefixtures("button")
def test_a_press_makes_a_pending_installation_once(app: MetaApp, merchant: Merchant) -> None:
    merchant.start("book")
    merchant.start("book")
    installation = Installation.objects.get(meta_app=app, business=merchant.link.business)
    assert installation.state == Installation.State.PENDING
    assert not installation.is_syncing


@pytest.mark.usefixtures("button")
def test_a_forged_browser_cookie_is_not_taken_over(merchant: Merchant) -> None:
    merchant.client.cookies["browser"] = "x"
    merchant.start("book")
    assert len(merchant.client.cookies["browser"].value) == 43


@pytest.mark.usefixtures("button")
def test_a_press_from_another_site_is_refused(merchant: Merchant) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(f"/connect/{merchant.token}/book/")
    assert response.status_code == 403
    assert "We did not accept this click" in response.content.decode()
    assert not OnboardingAttempt.objects.exists()


@pytest.mark.usefixtures("button")
def test_a_press_works_with_the_token_on_the_page(merchant: Merchant) -> None:
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(f"/connect/{merchant.token}/")
    form = {"csrfmiddlewaretoken": str(page.context["csrf_token"])}
    assert strict.post(f"/connect/{merchant.token}/book/", form).status_code == 302


@pytest.mark.usefixtures("button")
def test_the_address_of_a_button_alone_leads_back_to_the_page(merchant: Merchant) -> None:
    response = merchant.client.get(f"/connect/{merchant.token}/book/")
    assert response["Location"] == f"/connect/{merchant.token}/"
    assert not OnboardingAttempt.objects.exists()


def test_only_the_link_s_own_entry_points_can_be_pressed(app: MetaApp, business: Business) -> None:
    only = EntryPointFactory.create(meta_app=app, slug="only")
    EntryPointFactory.create(meta_app=app, slug="other")
    EntryPointFactory.create(slug="strange")
    merchant = Merchant(business, entry_point=only)
    assert merchant.press("only").status_code == 302
    for slug in ("other", "strange", "none"):
        assert merchant.press(slug).status_code == 404


def test_an_unknown_token_cannot_press(db: None) -> None:
    assert Client().post("/connect/no-such-token/book/").status_code == 404


def test_a_disabled_button_pressed_all_the_same_starts_nothing(app: MetaApp) -> None:
    EntryPointFactory.create(meta_app=app, slug="box", intent="CHECKBOX_PLUGIN")
    merchant = Merchant(BusinessFactory.create(partner=app.partner))
    response = merchant.press("box")
    assert response.status_code == 409
    assert "your website&#x27;s address" in response.content.decode()
    assert not OnboardingAttempt.objects.exists()


@pytest.mark.usefixtures("button")
def test_opening_and_pressing_say_when_the_link_was_used_last(merchant: Merchant) -> None:
    used_at = LaunchLink.objects.values_list("last_used_at", flat=True)
    merchant.client.head(reverse("connect", args=[merchant.token]))
    assert used_at.get() is None
    merchant.open()
    opened_at = used_at.get()
    assert opened_at is not None
    merchant.start("book")
    pressed_at = used_at.get()
    assert pressed_at is not None and pressed_at > opened_at
