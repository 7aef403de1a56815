"""The merchant starts at Meta: signs in with the partner, chooses here, goes back; a webhook tells the rest."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from features.models import AccessToken, Feature, Installation
from features.sync import drain
from mbe.catalog import VERTICALS, menu
from onboarding.models import OnboardingAttempt
from onboarding.settling import settle_due
from partners.models import Business, MetaApp
from tests.factories import AccessTokenFactory, BusinessFactory, EntryPointFactory, MetaAppFactory
from tests.meta import Meta, hint
from tests.onboarding.merchant import Merchant
from tests.onboarding.starter import Starter, finish, return_to

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


def webhook(meta: Meta, attempt: OnboardingAttempt) -> Installation:
    """Do what the webhook of the dialog does: its token is kept, and the business marked dirty."""
    installation = Installation.objects.get(meta_app=attempt.meta_app, business=attempt.business)
    token = meta.connect(attempt.business.external_business_id)
    AccessTokenFactory.create(installation=installation, secret=token)
    hint(installation)
    return installation


@pytest.mark.parametrize("vertical", VERTICALS)
def test_every_vertical_goes_from_meta_to_us_and_back_and_is_connected(
    vertical: str, meta: Meta, app: MetaApp, merchant: Merchant, starter: Starter
) -> None:
    EntryPointFactory.create(meta_app=app, slug="go", vertical=vertical, intent="")
    page = starter.come()
    assert page.status_code == 200
    assert "Lotus Salon" in page.content.decode()
    answer = starter.press(page, entry_point="go")
    intents = [item.intent.name for item in menu(vertical)] or list(VERTICALS[vertical].unverified_features)
    done = finish(answer, *intents)
    if not intents:
        return
    assert (done.status_code, "business-app-done" in done.text) == (200, True)
    webhook(meta, merchant.attempt())
    drain()
    settle_due()
    attempt = merchant.attempt()
    assert (attempt.outcome, attempt.way_in) == (Outcome.SUCCEEDED, OnboardingAttempt.WayIn.BUSINESS_APP)
    assert attempt.returned_at is not None
    assert Installation.objects.get().state == Installation.State.CONNECTED
    assert Feature.objects.filter(removed_at=None).exists()


@pytest.mark.usefixtures("button")
def test_meta_gets_our_extras_behind_its_own_query(starter: Starter) -> None:
    location = starter.press(starter.come(), entry_point="book")["Location"]
    assert location.startswith(f"{starter.dialog}&extras=")
    extras = json.loads(parse_qs(urlsplit(location).query)["extras"][0])
    assert extras["setup"]["business_vertical"] == "APPOINTMENTS"
    assert extras["setup"]["intent"] == "FB_SERVICES"


@pytest.mark.usefixtures("button")
def test_a_real_address_of_metas_keeps_its_query_and_its_fragment(starter: Starter) -> None:
    at_meta = "https://www.facebook.com/fbe/?app_id=1&app_name=A%20B#step"
    location = starter.press(starter.come(at_meta), entry_point="book")["Location"]
    assert location.startswith("https://www.facebook.com/fbe/?app_id=1&app_name=A%20B&extras=%7B")
    assert location.endswith("#step")


@pytest.mark.usefixtures("button")
def test_a_stranger_is_sent_to_the_partner_and_comes_back_with_a_launch_token(
    app: MetaApp, meta: Meta, business: Business
) -> None:
    MetaApp.objects.filter(pk=app.pk).update(sign_in_url=SIGN_IN)
    stranger, token = Starter(app, meta.url), Merchant(business).token
    answer = stranger.come()
    assert answer["Location"].startswith("https://bookly.example/from-meta?next=1&return_to=http")
    assert answer["Location"].endswith("#top")
    cleaned = stranger.follow(return_to(answer), launch_token=token)
    assert cleaned.status_code == 302
    assert token not in cleaned["Location"]
    page = stranger.follow(cleaned["Location"])
    assert "Lotus Salon" in page.content.decode()
    assert stranger.press(page, entry_point="book")["Location"].startswith(stranger.dialog)


@pytest.mark.usefixtures("button")
def test_without_a_sign_in_page_the_merchant_is_told_what_to_do(app: MetaApp, meta: Meta) -> None:
    text = Starter(app, meta.url).come().content.decode()
    assert "Ask Bookly for your personal link" in text
    assert 'href="http' not in text


@pytest.mark.usefixtures("button")
def test_somebody_else_signs_in_again(app: MetaApp, starter: Starter) -> None:
    MetaApp.objects.filter(pk=app.pk).update(sign_in_url=SIGN_IN)
    page = starter.come()
    answer = starter.press(page, not_me="1")
    assert answer.context["sign_in_address"].startswith("https://bookly.example/")
    assert starter.come()["Location"].startswith("https://bookly.example/")


@pytest.mark.usefixtures("button")
def test_a_bad_launch_token_says_so_and_does_not_send_the_merchant_round_in_circles(app: MetaApp, meta: Meta) -> None:
    MetaApp.objects.filter(pk=app.pk).update(sign_in_url=SIGN_IN)
    elsewhere = Merchant(BusinessFactory.create())
    stranger = Starter(app, meta.url)
    address = return_to(stranger.come())
    for token in ("", "no-such-token", elsewhere.token):
        answer = stranger.follow(address, launch_token=token)
        assert answer.status_code == 403
        assert "does not open any more" in answer.content.decode()


@pytest.mark.usefixtures("button")
def test_a_link_of_another_partner_opens_nothing_here(app: MetaApp, meta: Meta) -> None:
    elsewhere = Merchant(BusinessFactory.create(name="Strange Shop"))
    elsewhere.open()
    text = Starter(app, meta.url, elsewhere.client).come().content.decode()
    assert "Strange Shop" not in text
    assert "Which business are you?" in text


def test_only_buttons_of_this_app_are_shown_and_can_be_pressed(app: MetaApp, starter: Starter) -> None:
    EntryPointFactory.create(meta_app=app, slug="here")
    EntryPointFactory.create(meta_app=MetaAppFactory.create(partner=app.partner), slug="there")
    page = starter.come()
    assert [card.slug for card in page.context["page"].cards] == ["here"]
    for slug in ("there", "none", ""):
        assert starter.press(page, entry_point=slug).status_code == 404
    assert not OnboardingAttempt.objects.exists()


@pytest.mark.usefixtures("button")
def test_a_state_is_of_one_app_and_one_browser_and_ends(app: MetaApp, starter: Starter, settings: Settings) -> None:
    page = starter.come()
    address = page.context["way"].address
    assert Starter(app, "").follow(address).status_code == 400
    other = MetaAppFactory.create(partner=app.partner)
    assert starter.follow(address.replace(app.app_id, other.app_id, 1)).status_code == 400
    assert starter.follow(address.replace("state=", "state=x")).status_code == 400
    settings.ATTEMPT_SECONDS = -1
    answer = starter.press(page, entry_point="book")
    assert (answer.status_code, "took too long" in answer.content.decode()) == (400, True)


def test_an_unknown_app_is_not_found(db: None) -> None:
    assert Client().get("/connect/business-app/4711/?redirect_uri=https://www.facebook.com/").status_code == 404


@pytest.mark.usefixtures("button")
def test_the_launch_page_leads_to_how_it_stands(meta: Meta, merchant: Merchant, starter: Starter) -> None:
    starter.press(starter.come(), entry_point="book")
    assert 'data-underway="started"' in merchant.open().content.decode()
    result = merchant.client.get(f"/connect/result/{merchant.attempt().public_id}/").content.decode()
    assert "You may close this page" in result
    webhook(meta, merchant.attempt())
    drain()
    assert 'data-underway="succeeded"' in merchant.open().content.decode()


@pytest.mark.usefixtures("button")
def test_without_a_webhook_it_expires_and_says_so(merchant: Merchant, starter: Starter) -> None:
    starter.press(starter.come(), entry_point="book")
    assert settle_due() == 0
    OnboardingAttempt.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert settle_due() == 1
    attempt = merchant.attempt()
    assert attempt.outcome == Outcome.EXPIRED
    result = merchant.client.get(f"/connect/result/{attempt.public_id}/").content.decode()
    assert "We have heard nothing from Meta" in result


@pytest.mark.usefixtures("button")
def test_what_came_before_the_start_or_after_another_one_ends_nothing(
    meta: Meta, app: MetaApp, merchant: Merchant, starter: Starter
) -> None:
    starter.press(starter.come(), entry_point="book")
    first = merchant.attempt()
    webhook(meta, first)
    AccessToken.objects.update(received_at=first.started_at - timedelta(seconds=1))
    assert settle_due() == 0
    starter.press(starter.come(), entry_point="book")
    AccessToken.objects.update(received_at=timezone.now())
    assert settle_due() == 1
    first.refresh_from_db()
    assert (first.outcome, merchant.attempt().outcome) == (Outcome.STARTED, Outcome.SUCCEEDED)
