"""What can be wrong before Meta has given anything."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.models import LaunchLink, OnboardingAttempt
from onboarding.settling import settle_due
from partners.encryption import UnknownKey
from partners.models import Business, MetaApp
from tests.golive.diagnosis.scene import Scene, Situation
from tests.onboarding.merchant import Merchant


def no_button_for_its_vertical(scene: Scene) -> None:
    scene.button()
    Business.objects.update(verticals=["ECOMMERCE"])


def the_button_is_switched_off(scene: Scene) -> None:
    scene.button(is_active=False)
    scene.invited()


def the_link_is_for_a_button_that_is_switched_off(scene: Scene) -> None:
    button = scene.button()
    scene.invited(entry_point=button)
    button.is_active = False
    button.save()


def the_app_offers_less(scene: Scene) -> None:
    scene.button()
    scene.invited()
    MetaApp.objects.update(features=["page_cta"])


def no_domain_for_a_button_that_needs_one(scene: Scene) -> None:
    scene.button("ECOMMERCE", "CHECKBOX_PLUGIN")
    scene.invited()
    Business.objects.update(domain="")


def no_link(scene: Scene) -> None:
    scene.button()


def the_link_is_revoked(scene: Scene) -> None:
    scene.button()
    scene.press("onboarding_launchlink", scene.invited().link.pk, "revoke")


def the_link_has_expired(scene: Scene) -> None:
    scene.button()
    scene.invited(expires_at=timezone.now() - timedelta(days=1))


def the_link_is_not_opened(scene: Scene) -> None:
    scene.button()
    scene.staff.post(reverse("admin:onboarding_launchlink_add"), {"business": scene.business.pk})
    assert LaunchLink.objects.count() == 1


def opened_and_no_button_pressed(scene: Scene) -> None:
    scene.button()
    scene.invited().open()


def the_dialog_is_left_open(scene: Scene) -> None:
    scene.button()
    scene.invited().start("go")


def gone_and_not_back(scene: Scene) -> None:
    the_dialog_is_left_open(scene)
    scene.long_ago(OnboardingAttempt.objects.get())


def back_too_late(scene: Scene) -> None:
    scene.button()
    merchant = scene.invited()
    state = merchant.start("go")["state"]
    scene.long_ago(merchant.attempt())
    assert merchant.come_back(state=state, code="c").status_code == 410


def back_in_another_browser(scene: Scene) -> None:
    scene.button()
    state = scene.invited().start("go")["state"]
    other = Merchant(scene.business)
    assert other.come_back(state=state, code="c").status_code == 400


def left_at_meta_where_it_started(scene: Scene) -> None:
    scene.button()
    scene.long_ago(scene.starts_at_meta().attempt())
    assert settle_due() == 1


def cancelled(scene: Scene) -> None:
    scene.button()
    scene.goes_through()


def meta_fails_in_its_dialog(scene: Scene) -> None:
    scene.button()
    scene.fails_in_the_dialog()


def the_code_is_worth_nothing(scene: Scene) -> None:
    scene.button()
    merchant = scene.invited()
    merchant.come_back(state=merchant.start("go")["state"], code="no-such-code")


def the_secret_is_wrong(scene: Scene) -> None:
    scene.button()
    scene.meta_has_secret("another-secret")
    scene.goes_through("LEAD_ADS")


def the_key_is_lost_before_the_exchange(scene: Scene) -> None:
    scene.button()
    merchant = scene.invited()
    state = merchant.start("go")["state"]
    scene.lose_the_key()
    with pytest.raises(UnknownKey):
        merchant.come_back(state=state, code="c")


def the_exchange_is_cut_off(scene: Scene) -> None:
    key = scene.settings.ENCRYPTION_KEYS
    the_key_is_lost_before_the_exchange(scene)
    scene.settings.ENCRYPTION_KEYS = key
    OnboardingAttempt.objects.update(returned_at=timezone.now() - timedelta(minutes=5))


def a_permission_is_taken_back(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(withheld_scopes=["manage_business_extension"])


SITUATIONS = (
    Situation(no_button_for_its_vertical, "link", "No button of this app is for a vertical", "New entry point"),
    Situation(the_button_is_switched_off, "link", "is switched off", "Entry point “go”"),
    Situation(the_link_is_for_a_button_that_is_switched_off, "link", "is switched off", "Entry point “go”"),
    Situation(the_app_offers_less, "link", "needs features that the app does not offer: lead_ads, ads", "Meta app"),
    Situation(no_domain_for_a_button_that_needs_one, "link", "the business has no domain", "Add the domain"),
    Situation(no_link, "link", "No launch link has been made", "New launch link"),
    Situation(the_link_is_revoked, "link", "The launch link was revoked on", "New launch link"),
    Situation(the_link_has_expired, "link", "The launch link expired on", "New launch link"),
    Situation(the_link_is_not_opened, "attempt", "has not opened the launch link", "New launch link"),
    Situation(opened_and_no_button_pressed, "attempt", "saw the button, but has not pressed it", "New launch link"),
    Situation(the_dialog_is_left_open, "attempt", "is at Meta, or has closed the dialog there", "New launch link"),
    Situation(gone_and_not_back, "attempt", "went to Meta and did not come back", "New launch link"),
    Situation(back_too_late, "attempt", "came back from Meta too late", "New launch link"),
    Situation(back_in_another_browser, "attempt", "in another browser", "New launch link"),
    Situation(left_at_meta_where_it_started, "attempt", "started at Meta, and no webhook came", "Readiness"),
    Situation(cancelled, "grant", "The merchant cancelled at Meta.", "New launch link"),
    Situation(meta_fails_in_its_dialog, "grant", "The sign-in ended with an error of Meta's.", "New launch link"),
    Situation(the_code_is_worth_nothing, "grant", "The sign-in ended with an error of Meta's.", "New launch link"),
    Situation(the_secret_is_wrong, "grant", "Meta does not accept the app's id with the secret", "Meta app"),
    Situation(the_key_is_lost_before_the_exchange, "grant", "No key in ENCRYPTION_KEYS opens the app's", "Meta app"),
    Situation(
        the_exchange_is_cut_off, "grant", "the exchange of Meta's code for a token was cut off", "New launch link"
    ),
    Situation(a_permission_is_taken_back, "grant", "did not grant a permission, or took it back", "New launch link"),
)
