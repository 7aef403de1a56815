"""A merchant goes to Meta by both ways at once, in two tabs: which of the two it was that came to something."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from features.configuration.models import Wanted
from features.configuration.wanting import want_off
from features.models import AccessToken, Installation
from features.tokens import ReceivedToken, keep
from golive.rollout.funnel import funnel_of
from onboarding.arrivals import TWO_TOKENS_APART
from onboarding.connecting import note_connected
from onboarding.connections import connection_of
from onboarding.endings import ending_of
from onboarding.models import EntryPoint, OnboardingAttempt
from onboarding.settling import settle_due
from onboarding.standing import standing_attempts
from partners.tenancy import tenant
from tests.factories import EntryPointFactory
from tests.golive.diagnosis.scene import Scene
from tests.onboarding.merchant import Merchant, decide
from tests.onboarding.starter import Starter, finish

Outcome, WayIn = OnboardingAttempt.Outcome, OnboardingAttempt.WayIn
BOOK = {"page_cta": {"cta_button_text": "Book Now", "enabled": True}}
SHOP = {"page_cta": {"cta_button_text": "Shop Now", "enabled": True}}


@pytest.fixture
def book(scene: Scene) -> EntryPoint:
    """A button that brings appointments."""
    row: EntryPoint = EntryPointFactory.create(meta_app=scene.app, slug="book", cta_defaults=BOOK)
    return row


def goes_to_meta(scene: Scene, merchant: Merchant, slug: str = "book") -> Any:
    """Start at Meta, in the merchant's browser; what leads on to the dialog."""
    merchant.open()
    starter = Starter(scene.app, scene.meta.url, merchant.client)
    return starter.press(starter.come(), entry_point=slug)


def hears(scene: Scene) -> None:
    """Meta's webhooks come, and all that follows is done."""
    scene.hears_from_meta()
    scene.work()
    settle_due()
    note_connected()


def attempt_by(way_in: OnboardingAttempt.WayIn) -> OnboardingAttempt:
    """The only attempt by this way, as it is now."""
    return OnboardingAttempt.objects.get(way_in=way_in)


def pass_time(by: timedelta) -> None:
    """Let all that happened have been so much earlier."""
    OnboardingAttempt.objects.update(
        **{name: F(name) - by for name in ("started_at", "expires_at", "returned_at")},
    )
    AccessToken.objects.update(received_at=F("received_at") - by)


@pytest.mark.parametrize(("how", "outcome"), [("cancel", Outcome.CANCELLED), ("fail", Outcome.FAILED)])
def test_a_login_that_came_to_nothing_takes_no_install_away(
    scene: Scene, book: EntryPoint, how: str, outcome: OnboardingAttempt.Outcome
) -> None:
    merchant = Merchant(scene.business)
    dialog = goes_to_meta(scene, merchant)
    merchant.client.get(decide(merchant.press("book")["Location"], action=how))
    assert attempt_by(WayIn.LOGIN).outcome == outcome
    finish(dialog, "FB_SERVICES")
    hears(scene)
    attempt = attempt_by(WayIn.BUSINESS_APP)
    assert attempt.outcome == Outcome.SUCCEEDED and attempt.connected_at is not None
    assert scene.installation().wanted_defaults == BOOK
    assert Wanted.objects.filter(origin=Wanted.Origin.ENTRY_POINT).exists()
    assert funnel_of(book).new.connected == 1
    with tenant(scene.app.partner_id):
        assert list(standing_attempts(scene.business.pk)) == [attempt]
        ending = ending_of(attempt, connection_of(scene.app, scene.installation()), is_followed=False)
    assert ending.heading == "You are connected"


def test_a_login_that_was_left_takes_no_install_away_and_is_waited_for_but_a_moment(
    scene: Scene, book: EntryPoint
) -> None:
    merchant = Merchant(scene.business)
    dialog = goes_to_meta(scene, merchant)
    merchant.press("book")
    finish(dialog, "FB_SERVICES")
    hears(scene)
    assert attempt_by(WayIn.BUSINESS_APP).outcome == Outcome.STARTED
    pass_time(TWO_TOKENS_APART)
    assert attempt_by(WayIn.LOGIN).expires_at > timezone.now()
    assert settle_due() == 1
    assert attempt_by(WayIn.BUSINESS_APP).outcome == Outcome.SUCCEEDED
    assert scene.installation().wanted_defaults == BOOK


def test_a_login_whose_time_is_up_is_not_waited_for(scene: Scene, book: EntryPoint) -> None:
    merchant = Merchant(scene.business)
    dialog = goes_to_meta(scene, merchant)
    merchant.press("book")
    OnboardingAttempt.objects.update(expires_at=timezone.now())
    finish(dialog, "FB_SERVICES")
    hears(scene)
    assert attempt_by(WayIn.BUSINESS_APP).outcome == Outcome.SUCCEEDED


def test_while_it_is_waited_for_a_login_the_time_of_what_started_at_meta_is_not_up(
    scene: Scene, book: EntryPoint
) -> None:
    merchant = Merchant(scene.business)
    dialog = goes_to_meta(scene, merchant)
    merchant.press("book")
    finish(dialog, "FB_SERVICES")
    OnboardingAttempt.objects.filter(way_in=WayIn.BUSINESS_APP).update(expires_at=timezone.now())
    hears(scene)
    assert attempt_by(WayIn.BUSINESS_APP).outcome == Outcome.STARTED
    OnboardingAttempt.objects.filter(way_in=WayIn.LOGIN).update(outcome=Outcome.CANCELLED)
    assert settle_due() == 1
    assert attempt_by(WayIn.BUSINESS_APP).outcome == Outcome.SUCCEEDED


def test_an_uninstall_from_before_is_forgotten_though_a_login_was_cancelled_beside(scene: Scene) -> None:
    installation = scene.comes_in("APPOINTMENTS", "FB_SERVICES")
    with tenant(installation.partner_id):
        want_off(installation, scene.feature("page_cta"), by="ada")
    scene.meta.change(scene.external_id, uninstall=True)
    scene.asks_meta()
    OnboardingAttempt.objects.all().delete()
    merchant = Merchant(scene.business)
    dialog = goes_to_meta(scene, merchant, "go")
    merchant.go_through("go")
    finish(dialog, "FB_SERVICES")
    hears(scene)
    assert attempt_by(WayIn.BUSINESS_APP).outcome == Outcome.SUCCEEDED
    assert not Wanted.objects.filter(origin=Wanted.Origin.UNINSTALL).exists()


@pytest.mark.parametrize("first", WayIn)
@pytest.mark.parametrize("is_webhook_first", [False, True], ids=["code first", "webhook first"])
def test_a_login_that_went_through_is_credited_to_it_and_not_to_what_was_left_at_meta(
    scene: Scene, book: EntryPoint, first: OnboardingAttempt.WayIn, is_webhook_first: bool
) -> None:
    EntryPointFactory.create(meta_app=scene.app, slug="sell", vertical="ECOMMERCE", intent="", cta_defaults=SHOP)
    merchant = Merchant(scene.business)
    if first == WayIn.BUSINESS_APP:
        goes_to_meta(scene, merchant, "sell")
    dialog = merchant.press("book")["Location"]
    if first == WayIn.LOGIN:
        goes_to_meta(scene, merchant, "sell")
    back = decide(dialog, action="continue", intent="FB_SERVICES")
    if is_webhook_first:
        hears(scene)
    merchant.client.get(back)
    hears(scene)
    assert AccessToken.objects.filter(kind=AccessToken.Kind.LOGIN).count() == 2, "of code and webhook"
    assert attempt_by(WayIn.BUSINESS_APP).outcome == Outcome.STARTED
    assert scene.installation().wanted_defaults == BOOK
    with tenant(scene.app.partner_id):
        assert list(standing_attempts(scene.business.pk)) == [attempt_by(WayIn.LOGIN)]
    pass_time(timedelta(hours=1))
    scene.asks_meta()
    settle_due()
    note_connected()
    left, login = attempt_by(WayIn.BUSINESS_APP), attempt_by(WayIn.LOGIN)
    assert (left.outcome, left.connected_at) == (Outcome.EXPIRED, None)
    assert login.outcome == Outcome.SUCCEEDED and login.connected_at is not None


def test_a_change_at_what_a_login_has_connected_meanwhile_proves_no_return_either(
    scene: Scene, book: EntryPoint
) -> None:
    merchant = Merchant(scene.business)
    dialog = merchant.press("book")["Location"]
    goes_to_meta(scene, merchant)
    merchant.client.get(decide(dialog, action="continue", intent="FB_SERVICES"))
    hears(scene)
    scene.meta._call("patch", f"connections/{scene.external_id}", connected_assets={"ads": {"ad_account_id": "4242"}})
    hears(scene)
    assert attempt_by(WayIn.BUSINESS_APP).outcome == Outcome.STARTED


def came(installation: Installation, secret: str, at: datetime) -> None:
    """Meta has sent a token."""
    keep([ReceivedToken(installation, secret, received_at=at)])


@pytest.mark.parametrize(
    ("seconds", "outcome"), [(-121, "succeeded"), (-119, "started"), (119, "started"), (121, "succeeded")]
)
def test_a_token_is_a_logins_only_if_it_came_when_its_merchant_came_back(
    scene: Scene, book: EntryPoint, seconds: int, outcome: str
) -> None:
    merchant = Merchant(scene.business)
    goes_to_meta(scene, merchant)
    merchant.go_through("book", "FB_SERVICES")
    pass_time(timedelta(minutes=10))
    back_at = attempt_by(WayIn.LOGIN).returned_at
    assert back_at is not None
    OnboardingAttempt.objects.update(started_at=back_at - timedelta(minutes=5))
    came(scene.installation(), "EAAB-of-some-dialog", back_at + timedelta(seconds=seconds))
    settle_due()
    assert attempt_by(WayIn.BUSINESS_APP).outcome == outcome


@pytest.mark.parametrize("when", ["before the start at Meta", "begun after the token"])
def test_a_login_at_another_time_takes_no_token(scene: Scene, book: EntryPoint, when: str) -> None:
    merchant = Merchant(scene.business)
    if when == "begun after the token":
        goes_to_meta(scene, merchant)
        came(scene.installation(), "EAAB-of-the-dialog-at-meta", timezone.now())
        merchant.go_through("book", "FB_SERVICES")
    else:
        merchant.go_through("book", "FB_SERVICES")
        goes_to_meta(scene, merchant)
        came(scene.installation(), "EAAB-of-the-dialog-at-meta", timezone.now())
    settle_due()
    assert attempt_by(WayIn.BUSINESS_APP).outcome == Outcome.SUCCEEDED
