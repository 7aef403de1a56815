"""The page after the return: it follows the sync, and says how it ended."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from features.models import Installation
from features.sync import drain
from onboarding.models import LaunchLink, OnboardingAttempt
from partners.models import MetaApp
from tests.factories import EntryPointFactory
from tests.meta import Meta
from tests.onboarding.merchant import Merchant

Outcome = OnboardingAttempt.Outcome
REFRESH = 'http-equiv="refresh"'


@pytest.fixture(autouse=True)
def button(app: MetaApp) -> None:
    """The button of these tests."""
    EntryPointFactory.create(meta_app=app, slug="book")


@pytest.fixture
def succeeded(merchant: Merchant) -> OnboardingAttempt:
    """A merchant back from Meta with success, its sync asked for."""
    merchant.start("book")
    attempt = merchant.attempt()
    attempt.outcome, attempt.returned_at = Outcome.SUCCEEDED, timezone.now()
    attempt.save()
    Installation.objects.update(requested_generation=1)
    return attempt


def _page(merchant: Merchant, **headers: str) -> str:
    response = merchant.client.get(reverse("result", args=[merchant.attempt().public_id]), headers=headers)
    assert response.status_code == 200
    return str(response.content.decode())


def _set(**values: Any) -> None:
    Installation.objects.update(**values)


def test_it_follows_the_sync_and_shows_what_is_on(meta: Meta, merchant: Merchant) -> None:
    merchant.open()
    merchant.go_through("book", "FB_SERVICES")
    assert REFRESH in _page(merchant)
    drain()
    page = _page(merchant)
    assert REFRESH not in page
    assert "You are connected" in page
    assert "Page card" in page
    assert "Manage at Meta" in page
    assert f"/connect/{merchant.token}/" in page


def test_another_browser_does_not_see_it(succeeded: OnboardingAttempt) -> None:
    assert Client().get(reverse("result", args=[succeeded.public_id])).status_code == 404


@pytest.mark.usefixtures("succeeded")
@pytest.mark.parametrize(("age", "seconds"), [(5, 2), (120, 10)])
def test_it_looks_again_less_often_with_time(merchant: Merchant, age: int, seconds: int) -> None:
    OnboardingAttempt.objects.update(returned_at=timezone.now() - timedelta(seconds=age))
    assert f'{REFRESH} content="{seconds}; url=/connect/result/' in _page(merchant)


@pytest.mark.usefixtures("succeeded")
def test_it_does_not_look_again_for_ever(merchant: Merchant) -> None:
    OnboardingAttempt.objects.update(returned_at=timezone.now() - timedelta(hours=1))
    page = _page(merchant)
    assert REFRESH not in page
    assert "takes longer than usual" in page


@pytest.mark.usefixtures("succeeded")
def test_a_rate_limit_is_told(merchant: Merchant) -> None:
    _set(wait=Installation.Wait.LIMIT, not_before=timezone.now() + timedelta(minutes=5))
    assert "Meta asks us to wait until" in _page(merchant)


@pytest.mark.usefixtures("succeeded")
def test_a_paused_app_is_told(app: MetaApp, merchant: Merchant) -> None:
    app.paused_until = timezone.now() + timedelta(minutes=5)
    app.save()
    assert "Meta asks us to wait until" in _page(merchant)


@pytest.mark.usefixtures("succeeded")
@pytest.mark.parametrize(
    ("state", "reason", "text"),
    [
        (Installation.State.RECONNECT, Installation.Reason.TOKEN_DEAD, "Meta no longer lets us in"),
        (Installation.State.RECONNECT, Installation.Reason.APP_REMOVED, "If you want it back"),
        (Installation.State.RECONNECT, Installation.Reason.PASSWORD_CHANGED, "The password at Meta was changed"),
        (Installation.State.PENDING, Installation.Reason.NOTHING_INSTALLED, "Nothing is turned on at Meta yet"),
        (Installation.State.DISCONNECTED, Installation.Reason.UNINSTALLED, "The connection was removed at Meta"),
    ],
)
def test_why_it_is_not_live_is_told_and_it_can_be_tried_again(
    merchant: Merchant, state: str, reason: str, text: str
) -> None:
    _set(applied_generation=1, state=state, reason=reason)
    page = _page(merchant)
    assert "Not live yet" in page
    assert text in page
    assert "Try again" in page


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_every_outcome_has_its_page(merchant: Merchant, outcome: str, language: str) -> None:
    merchant.start("book")
    OnboardingAttempt.objects.update(outcome=outcome, returned_at=timezone.now())
    assert f'data-outcome="{outcome}"' in _page(merchant, accept_language=language)


def test_again_starts_a_new_attempt_for_the_same_link(merchant: Merchant) -> None:
    merchant.start("book")
    first = merchant.attempt()
    response = merchant.client.post(reverse("again", args=[first.public_id]))
    second = merchant.attempt()
    assert response.status_code == 302
    assert "state=" in response["Location"]
    assert second.pk != first.pk
    assert second.browser_hash == first.browser_hash


def test_again_is_this_browser_s_only(merchant: Merchant) -> None:
    merchant.start("book")
    assert Client().post(reverse("again", args=[merchant.attempt().public_id])).status_code == 404


def test_after_its_link_has_ended_an_attempt_cannot_start_again(merchant: Merchant) -> None:
    merchant.open()
    merchant.start("book")
    LaunchLink.objects.update(revoked_at=timezone.now())
    page = _page(merchant)
    assert "Try again" not in page
    assert merchant.token not in page
    assert "Ask Bookly for a new one" in page
    assert merchant.client.post(reverse("again", args=[merchant.attempt().public_id])).status_code == 410


def test_when_the_feature_is_not_offered_any_more_again_leads_back_to_the_result(
    app: MetaApp, merchant: Merchant
) -> None:
    merchant.start("book")
    app.features = []
    app.save()
    path = reverse("again", args=[merchant.attempt().public_id])
    assert merchant.client.post(path)["Location"] == reverse("result", args=[merchant.attempt().public_id])
    assert "Try again" not in _page(merchant)
