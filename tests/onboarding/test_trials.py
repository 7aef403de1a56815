"""A test app's buttons reach those who are on it, whom staff or Meta lead to it, and no customer."""

import pytest
from django.urls import reverse

from features.models import Installation
from onboarding.models import EntryPoint, OnboardingAttempt
from partners.models import Business, MetaApp
from tests.factories import (
    AccessTokenFactory,
    BusinessFactory,
    EntryPointFactory,
    InstallationFactory,
    MetaAppFactory,
)
from tests.meta import Meta
from tests.onboarding.merchant import Merchant
from tests.onboarding.starter import Starter

State = Installation.State


@pytest.fixture
def trial(app: MetaApp) -> MetaApp:
    """A test app of the same partner, with a button."""
    row: MetaApp = MetaAppFactory.create(partner=app.partner, name="Trial", is_test=True)
    EntryPointFactory.create(meta_app=row, slug="try")
    EntryPointFactory.create(meta_app=app, slug="book")
    return row


def slugs(merchant: Merchant) -> list[str]:
    """The buttons of the merchant's page."""
    return [each.slug for each in merchant.open().context["page"].cards]


def test_a_customer_is_shown_no_button_of_a_test_app_and_can_press_none(trial: MetaApp, merchant: Merchant) -> None:
    assert slugs(merchant) == ["book"]
    assert merchant.press("try").status_code == 404
    assert not OnboardingAttempt.objects.exists() and not Installation.objects.exists()


def test_who_clicked_once_and_went_away_is_no_tester(trial: MetaApp, business: Business, merchant: Merchant) -> None:
    InstallationFactory.create(meta_app=trial, business=business)
    page = merchant.open().context["page"]
    assert [each.slug for each in page.cards] == ["book"]
    assert [each.app_name for each in page.connections] != [] and "Trial" not in str(page.connections)


@pytest.mark.parametrize("state", [each for each in State if each != State.PENDING])
def test_who_has_come_to_the_test_app_is_shown_its_buttons(
    trial: MetaApp, business: Business, merchant: Merchant, state: str
) -> None:
    InstallationFactory.create(meta_app=trial, business=business, state=state)
    assert slugs(merchant) == ["try", "book"]
    assert slugs(Merchant(BusinessFactory.create(partner=trial.partner))) == ["book"], "another business is not"


def test_so_is_who_has_a_token_before_the_first_sync(trial: MetaApp, business: Business, merchant: Merchant) -> None:
    AccessTokenFactory.create(installation=InstallationFactory.create(meta_app=trial, business=business))
    assert slugs(merchant) == ["try", "book"]


def test_a_link_for_one_entry_point_leads_a_tester_to_the_test_app(trial: MetaApp, business: Business) -> None:
    merchant = Merchant(business, entry_point=EntryPoint.objects.get(slug="try"))
    assert slugs(merchant) == ["try"] and merchant.press("try").status_code == 302
    assert [each.app_name for each in merchant.open().context["page"].connections] == ["Trial"]


def test_while_there_is_no_live_app_there_is_nobody_to_hide_it_from(
    trial: MetaApp, app: MetaApp, merchant: Merchant
) -> None:
    MetaApp.objects.filter(pk=app.pk).update(is_test=True)
    assert slugs(merchant) == ["try", "book"]


def test_while_the_live_app_has_no_button_for_the_business_the_test_app_is_open(
    trial: MetaApp, business: Business, merchant: Merchant
) -> None:
    EntryPoint.objects.filter(slug="book").update(vertical="APPOINTMENTS")
    Business.objects.filter(pk=business.pk).update(verticals=["ECOMMERCE"])
    EntryPoint.objects.filter(slug="try").update(vertical="ECOMMERCE", intent="")
    assert slugs(merchant) == ["try"] and merchant.press("try").status_code == 302
    EntryPoint.objects.filter(slug="book").update(vertical="ECOMMERCE", intent="", is_active=False)
    assert slugs(merchant) == [], "a live button that is switched off for a while makes its customers no testers"


def test_but_not_to_who_is_on_the_live_app(
    trial: MetaApp, app: MetaApp, business: Business, merchant: Merchant
) -> None:
    EntryPoint.objects.filter(slug="book").delete()
    InstallationFactory.create(meta_app=app, business=business, state=State.CONNECTED)
    assert slugs(merchant) == []


def test_who_starts_at_meta_from_the_test_app_is_a_tester(trial: MetaApp, meta: Meta, merchant: Merchant) -> None:
    merchant.open()
    starter = Starter(trial, meta.url, merchant.client)
    page = starter.come()
    assert [each.slug for each in page.context["page"].cards] == ["try"]
    assert starter.press(page, entry_point="book").status_code == 404
    assert starter.press(page, entry_point="try").status_code == 302


def test_who_started_at_meta_from_the_test_app_may_try_again(trial: MetaApp, meta: Meta, merchant: Merchant) -> None:
    merchant.open()
    starter = Starter(trial, meta.url, merchant.client)
    assert starter.press(starter.come(), entry_point="try").status_code == 302
    OnboardingAttempt.objects.update(outcome=OnboardingAttempt.Outcome.EXPIRED)
    attempt = merchant.attempt()
    assert "Try again" in merchant.client.get(reverse("result", args=[attempt.public_id])).content.decode()
    assert merchant.client.post(reverse("again", args=[attempt.public_id])).status_code == 302
    assert merchant.attempt().entry_point.slug == "try"


def test_an_attempt_on_an_app_that_was_hidden_since_offers_no_other(
    trial: MetaApp, app: MetaApp, merchant: Merchant
) -> None:
    MetaApp.objects.filter(pk=trial.pk).update(is_test=False)
    merchant.start("try")
    OnboardingAttempt.objects.update(outcome=OnboardingAttempt.Outcome.EXPIRED)
    result = reverse("result", args=[merchant.attempt().public_id])
    assert "Try again" in merchant.client.get(result).content.decode()
    MetaApp.objects.filter(pk=trial.pk).update(is_test=True)
    assert "Try again" not in merchant.client.get(result).content.decode()
