"""What may go wrong between Meta, the partner's sign-in page and us; and what ends an attempt, and what does not."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from features.models import Cause, Change, Installation
from features.sync import drain
from onboarding.models import EntryPoint, LaunchLink, OnboardingAttempt, Showing
from onboarding.settling import settle_due
from partners.models import Business, MetaApp
from tests.factories import AccessTokenFactory, BusinessFactory, EntryPointFactory, MetaAppFactory
from tests.meta import Meta, hint
from tests.onboarding.merchant import Merchant
from tests.onboarding.starter import Starter, return_to

Outcome = OnboardingAttempt.Outcome
SIGN_IN = "https://bookly.example/from-meta?next=1#top"


@pytest.fixture
def starter(app: MetaApp, meta: Meta, merchant: Merchant) -> Starter:
    """The merchant's browser, which opened the launch link before."""
    merchant.open()
    return Starter(app, meta.url, merchant.client)


@pytest.fixture
def button(app: MetaApp) -> None:
    """A button of the app."""
    EntryPointFactory.create(meta_app=app, slug="book")


@pytest.mark.usefixtures("button")
def test_who_comes_back_without_having_signed_in_is_not_sent_round_in_circles(app: MetaApp, meta: Meta) -> None:
    MetaApp.objects.filter(pk=app.pk).update(sign_in_url=SIGN_IN)
    stranger = Starter(app, meta.url)
    address = return_to(stranger.come())
    for _ in range(2):
        answer = stranger.follow(address, error="cancelled")
        assert answer.status_code == 200
        assert answer.context["sign_in_address"].startswith("https://bookly.example/from-meta?next=1&return_to=")


@pytest.mark.usefixtures("button")
def test_a_link_made_by_somebody_else_does_not_say_who_sits_here(app: MetaApp, meta: Meta, business: Business) -> None:
    victim, token = Starter(app, meta.url), Merchant(business).token
    for lure in ({"launch_token": token}, {"launch_token": token, "state": "made-up"}):
        victim.come(**lure)
        assert "Which business are you?" in victim.come().content.decode()


@pytest.mark.usefixtures("button")
def test_a_link_revoked_meanwhile_starts_nothing(starter: Starter) -> None:
    page = starter.come()
    LaunchLink.objects.update(revoked_at=timezone.now())
    answer = starter.press(page, entry_point="book")
    assert (answer.status_code, "Location" in answer) == (200, False)
    assert "Which business are you?" in answer.content.decode()
    assert not OnboardingAttempt.objects.exists()


def test_a_button_turned_off_meanwhile_starts_nothing(app: MetaApp, meta: Meta, business: Business) -> None:
    only = EntryPointFactory.create(meta_app=app, slug="book")
    merchant = Merchant(business, entry_point=only)
    merchant.open()
    starter = Starter(app, meta.url, merchant.client)
    page = starter.come()
    EntryPoint.objects.update(is_active=False)
    answer = starter.press(page, entry_point="book")
    assert (answer.status_code, "not offered at the moment" in answer.content.decode()) == (409, True)
    assert not OnboardingAttempt.objects.exists()


@pytest.mark.usefixtures("button")
def test_a_button_starts_only_the_business_of_its_page(app: MetaApp, starter: Starter) -> None:
    page = starter.come()
    other = BusinessFactory.create(partner=app.partner, name="Orchid Spa", domain="https://orchid.example")
    starter.client.get(reverse("connect", args=[Merchant(other).token]))
    anew = starter.press(page, entry_point="book")
    text = anew.content.decode()
    assert (anew.status_code, "Location" in anew) == (409, False)
    assert "another business was opened in this browser since" in text
    assert "Orchid Spa" in text and "Lotus Salon" not in text
    assert not OnboardingAttempt.objects.exists()
    assert starter.press(anew, entry_point="book").status_code == 302
    assert OnboardingAttempt.objects.get().business == other


@pytest.mark.usefixtures("button")
def test_a_form_names_its_business_and_one_that_names_none_starts_nothing(starter: Starter) -> None:
    page = starter.come()
    shown = page.context["page"].external_business_id
    assert f'<input type="hidden" name="business" value="{shown}">' in page.content.decode()
    assert starter.press(page, entry_point="book", business="").status_code == 409
    assert not OnboardingAttempt.objects.exists()


@pytest.mark.usefixtures("button")
def test_the_page_counts_as_shown_with_the_buttons_of_this_app(app: MetaApp, starter: Starter) -> None:
    EntryPointFactory.create(meta_app=MetaAppFactory.create(partner=app.partner), slug="elsewhere")
    Showing.objects.all().delete()
    starter.come()
    starter.come()
    assert list(Showing.objects.values_list("entry_point__slug", flat=True)) == ["book"]


@pytest.mark.usefixtures("button")
def test_pressed_again_and_in_two_tabs_the_webhook_ends_the_last_one(
    meta: Meta, merchant: Merchant, starter: Starter
) -> None:
    one, other = starter.come(), starter.come()
    for page in (one, other, one):
        assert starter.press(page, entry_point="book").status_code == 302
    installation = Installation.objects.get()
    AccessTokenFactory.create(installation=installation, secret=meta.connect("salon"))
    assert settle_due() == 1
    outcomes = OnboardingAttempt.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == [Outcome.STARTED, Outcome.STARTED, Outcome.SUCCEEDED]
    OnboardingAttempt.objects.update(expires_at=timezone.now())
    assert settle_due() == 2


@pytest.mark.usefixtures("button")
def test_that_the_business_left_meanwhile_is_no_success(
    app: MetaApp, meta: Meta, merchant: Merchant, starter: Starter
) -> None:
    business = merchant.link.business
    installation = Installation.objects.create(partner=app.partner, meta_app=app, business=business)
    AccessTokenFactory.create(
        installation=installation,
        secret=meta.connect(business.external_business_id, "pixel"),
        received_at=timezone.now() - timedelta(days=1),
    )
    hint(installation, Cause.RETURN)
    drain()
    starter.press(starter.come(), entry_point="book")
    meta.change(business.external_business_id, uninstall=True)
    hint(installation, says_uninstall=True)
    Installation.objects.update(not_before=None)
    drain()
    assert Change.objects.filter(cause=Cause.WEBHOOK, kind=Change.Kind.DISCONNECTED).exists()
    assert settle_due() == 0
    assert merchant.attempt().outcome == Outcome.STARTED


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("app_id", ["%00", "%0a", "%2e%2e", "a" * 400])
def test_no_app_id_breaks_the_page(app_id: str) -> None:
    answer = Client().get(f"/connect/business-app/{app_id}/?redirect_uri=https://www.facebook.com/")
    assert answer.status_code == 404
