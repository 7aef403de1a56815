"""A merchant goes to Meta by both ways at once, in two tabs: which of the two it was that came to something."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from features.models import AccessToken
from onboarding.connecting import note_connected
from onboarding.models import EntryPoint, OnboardingAttempt
from onboarding.settling import settle_due
from onboarding.standing import standing_attempts
from partners.tenancy import tenant
from tests.factories import EntryPointFactory
from tests.golive.diagnosis.scene import Scene
from tests.onboarding.merchant import Merchant, decide
from tests.onboarding.starter import Starter

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
