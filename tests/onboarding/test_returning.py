"""Coming back from Meta: each way of it has its page, and is on the attempt."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from features.configuration.models import Wanted
from features.models import AccessToken, Cause, Installation
from features.sync import sync_one
from onboarding.models import EntryPoint, OnboardingAttempt
from partners.models import MetaApp
from tests.factories import EntryPointFactory
from tests.meta import Meta
from tests.onboarding.merchant import Merchant

Outcome = OnboardingAttempt.Outcome


@pytest.fixture(autouse=True)
def button(app: MetaApp) -> None:
    """The button of these tests."""
    EntryPointFactory.create(meta_app=app, slug="book")


def _follow(merchant: Merchant, response: Any) -> str:
    assert response.status_code == 302
    page = merchant.client.get(response["Location"])
    assert page.status_code == 200
    return str(page.content.decode())


def _installation(merchant: Merchant) -> Installation:
    return Installation.objects.get(business=merchant.link.business)


def test_success_keeps_the_token_and_asks_for_a_sync(meta: Meta, merchant: Merchant) -> None:
    page = _follow(merchant, merchant.go_through("book", "FB_SERVICES"))
    attempt, installation = merchant.attempt(), _installation(merchant)
    token = AccessToken.objects.get(installation=installation)
    assert attempt.outcome == Outcome.SUCCEEDED
    assert attempt.returned_at is not None
    assert token.kind == AccessToken.Kind.LOGIN
    assert token.expires_at is not None
    assert set(attempt.entry_point.scopes) == set(token.scopes)
    assert installation.is_syncing
    assert installation.requested_cause == Cause.RETURN
    assert "One moment" in page
    assert '<meta http-equiv="refresh" content="2; url=/connect/result/' in page


CTA = {"page_cta": {"cta_button_text": "Book", "cta_button_url": "{domain}/book/{external_business_id}"}}


def test_the_entry_points_defaults_are_wanted_filled_in_after_success_only(meta: Meta, merchant: Merchant) -> None:
    EntryPoint.objects.update(cta_defaults=CTA)
    merchant.go_through("book")
    assert _installation(merchant).wanted_defaults == {}
    merchant.go_through("book", "FB_SERVICES")
    business, installation = merchant.link.business, _installation(merchant)
    address = f"https://lotus.example/book/{business.external_business_id}"
    filled_in = {"cta_button_text": "Book", "cta_button_url": address}
    assert installation.wanted_defaults == {"page_cta": filled_in}
    assert sync_one(installation.partner_id, installation.pk)
    wanted = Wanted.objects.get()
    assert (wanted.values, wanted.origin) == (filled_in, Wanted.Origin.ENTRY_POINT)
    # The dialog had them too.
    assert wanted.status == Wanted.Status.AS_WANTED


def test_the_code_is_not_in_any_address_of_ours_after_the_return(meta: Meta, merchant: Merchant) -> None:
    response = merchant.go_through("book", "FB_SERVICES")
    assert response["Location"] == f"/connect/result/{merchant.attempt().public_id}/"
    assert "no-store" in response["Cache-Control"]


def test_cancellation_has_its_page(meta: Meta, merchant: Merchant) -> None:
    page = _follow(merchant, merchant.go_through("book"))
    assert merchant.attempt().outcome == Outcome.CANCELLED
    assert "You cancelled" in page
    assert "Try again" in page
    assert not _installation(merchant).is_syncing


def test_an_error_from_meta_has_its_page(merchant: Merchant) -> None:
    state = merchant.start("book")["state"]
    page = _follow(merchant, merchant.come_back(state=state, error_code="1349", error_message="App <not> live"))
    attempt = merchant.attempt()
    assert (attempt.outcome, attempt.error_code, attempt.error_message) == (Outcome.FAILED, "1349", "App <not> live")
    assert "App &lt;not&gt; live" in page
    assert "1349" in page


def test_a_return_without_code_and_reason_failed(merchant: Merchant) -> None:
    state = merchant.start("book")["state"]
    assert "That did not work" in _follow(merchant, merchant.come_back(state=state))
    assert merchant.attempt().outcome == Outcome.FAILED


def test_a_code_that_meta_refuses_is_a_failure_that_shows_no_secret(meta: Meta, merchant: Merchant) -> None:
    state = merchant.start("book")["state"]
    page = _follow(merchant, merchant.come_back(state=state, code="no-such-code"))
    attempt = merchant.attempt()
    assert attempt.outcome == Outcome.FAILED
    assert attempt.error_message
    assert "no-such-code" not in attempt.error_message + page
    assert not AccessToken.objects.exists()
    assert not _installation(merchant).is_syncing


def test_meta_not_answering_is_a_failure(merchant: Merchant, settings: Any) -> None:
    settings.META_GRAPH_URL = "http://127.0.0.1:9"
    state = merchant.start("book")["state"]
    assert "That did not work" in _follow(merchant, merchant.come_back(state=state, code="c"))


def test_an_unknown_state_is_refused(db: None) -> None:
    for query in ({}, {"state": ""}, {"state": "invented", "code": "c"}, {"code": "c"}):
        response = Client().get("/return/", query)
        assert response.status_code == 400
        assert "We do not know this sign-in" in response.content.decode()


def test_a_replayed_state_is_refused_and_counted(meta: Meta, merchant: Merchant) -> None:
    state = merchant.start("book")["state"]
    merchant.come_back(state=state, error="access_denied")
    response = merchant.come_back(state=state, code="c")
    attempt = merchant.attempt()
    assert response.status_code == 400
    assert "This sign-in was used already" in response.content.decode()
    assert f"/connect/result/{attempt.public_id}/" in response.content.decode()
    assert (attempt.outcome, attempt.replays) == (Outcome.CANCELLED, 1)


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43])
def test_another_browser_is_refused_counted_and_uses_nothing_up(merchant: Merchant, cookie: str) -> None:
    state = merchant.start("book")["state"]
    stranger = Client()
    stranger.cookies["browser"] = cookie
    response = stranger.get("/return/", {"state": state, "code": "c"})
    attempt = merchant.attempt()
    assert response.status_code == 400
    assert "started in another browser" in response.content.decode()
    assert "Lotus Salon" not in response.content.decode()
    assert str(attempt.public_id) not in response.content.decode()
    assert (attempt.foreign_returns, attempt.returned_at, attempt.outcome) == (1, None, Outcome.STARTED)
    merchant.come_back(state=state, error="access_denied")
    assert merchant.attempt().outcome == Outcome.CANCELLED


def test_an_expired_attempt_is_gone_and_stays_so(merchant: Merchant) -> None:
    state = merchant.start("book")["state"]
    OnboardingAttempt.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for _ in range(2):
        response = merchant.come_back(state=state, code="c")
        assert response.status_code == 410
        assert "took too long" in response.content.decode()
    assert merchant.attempt().outcome == Outcome.EXPIRED
    assert not AccessToken.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_returns_at_once_exactly_one_counts(meta: Meta, merchant: Merchant) -> None:
    state = merchant.start("book")["state"]
    cookie = merchant.client.cookies["browser"].value
    together, statuses = Barrier(2), []

    def come_back() -> None:
        client = Client()
        client.cookies["browser"] = cookie
        together.wait()
        statuses.append(client.get("/return/", {"state": state, "code": "c"}).status_code)
        connection.close()

    for thread in (threads := [Thread(target=come_back) for _ in range(2)]):
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302, 400]
    assert merchant.attempt().replays == 1
    assert meta.calls("token") == 1
