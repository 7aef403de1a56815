"""To which attempt a connection is credited, where the merchant came more than once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from features.models import Cause, Change, Installation
from features.sync import drain
from golive.rollout.funnel import funnel_of
from onboarding.connecting import note_connected
from onboarding.models import EntryPoint, OnboardingAttempt
from partners.models import Business, MetaApp
from tests.factories import (
    AttemptFactory,
    BusinessFactory,
    EntryPointFactory,
    InstallationFactory,
    LaunchLinkFactory,
    MetaAppFactory,
)
from tests.meta import Meta
from tests.onboarding.merchant import Merchant

NOW = timezone.now()
Outcome, WayIn = OnboardingAttempt.Outcome, OnboardingAttempt.WayIn


@pytest.fixture
def button(app: MetaApp) -> EntryPoint:
    """One that keeps the v2 interface."""
    row: EntryPoint = EntryPointFactory.create(meta_app=app, slug="go", minimal_onboarding_percent=0)
    return row


@pytest.fixture
def installation(app: MetaApp, business: Business) -> Installation:
    """Found connected just now."""
    row: Installation = InstallationFactory.create(meta_app=app, business=business, state="connected", synced_at=NOW)
    return row


def ago(minutes: float) -> datetime:
    """So long before it was found connected."""
    return NOW - timedelta(minutes=minutes)


def tried(
    button: EntryPoint, business: Business, outcome: OnboardingAttempt.Outcome, began: float, **values: Any
) -> OnboardingAttempt:
    """An attempt that began so many minutes ago; one that succeeded came back a minute later."""
    values = ({"returned_at": ago(began - 1)} if outcome == Outcome.SUCCEEDED else {}) | values
    row: OnboardingAttempt = AttemptFactory.create(
        launch_link=LaunchLinkFactory.create(business=business),
        meta_app=button.meta_app,
        entry_point=button,
        outcome=outcome,
        started_at=ago(began),
        **values,
    )
    return row


def connected(*attempts: OnboardingAttempt) -> list[bool]:
    """Whether each of them led to a connection, as far as is noted by now."""
    note_connected()
    rows = OnboardingAttempt.objects.in_bulk([each.pk for each in attempts])
    return [rows[each.pk].connected_at is not None for each in attempts]


def test_who_had_nothing_installed_and_came_again_in_the_other_arm_connected_in_that_one(
    meta: Meta, button: EntryPoint, merchant: Merchant
) -> None:
    merchant.go_through("go", "FB_SERVICES")
    meta.change(merchant.link.business.external_business_id, uninstall=True, keep_tokens=True)
    drain()
    assert Installation.objects.get().reason == Installation.Reason.NOTHING_INSTALLED
    assert note_connected() == 0
    EntryPoint.objects.update(minimal_onboarding_percent=100)
    merchant.go_through("go", "FB_SERVICES")
    Installation.objects.update(not_before=None)
    drain()
    assert note_connected() == 1
    by_arm = OnboardingAttempt.objects.values_list("use_minimal_onboarding", flat=True)
    assert list(by_arm.filter(connected_at=None)) == [False]
    assert list(by_arm.exclude(connected_at=None)) == [True]
    old = funnel_of(button).old
    assert (old.shown, old.connected, old.moved) == (1, 0, 1)


def test_an_attempt_by_another_button_takes_the_connection_from_an_older_one(
    button: EntryPoint, business: Business, installation: Installation
) -> None:
    other = EntryPointFactory.create(meta_app=button.meta_app)
    older = tried(button, business, Outcome.SUCCEEDED, 3 * 24 * 60)
    newer = tried(other, business, Outcome.SUCCEEDED, 60)
    assert connected(older, newer) == [False, True]


def test_another_business_and_another_app_take_nothing(
    button: EntryPoint, business: Business, installation: Installation
) -> None:
    attempt = tried(button, business, Outcome.SUCCEEDED, 60)
    of_another_app = EntryPointFactory.create(meta_app=MetaAppFactory.create(partner=button.partner))
    tried(of_another_app, business, Outcome.SUCCEEDED, 30)
    tried(button, BusinessFactory.create(partner=button.partner), Outcome.SUCCEEDED, 30)
    assert connected(attempt) == [True]


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.FAILED, Outcome.EXPIRED])
def test_a_later_attempt_that_came_to_nothing_takes_nothing(
    button: EntryPoint, business: Business, installation: Installation, outcome: OnboardingAttempt.Outcome
) -> None:
    attempt = tried(button, business, Outcome.SUCCEEDED, 60)
    later = tried(button, business, outcome, 30)
    assert connected(attempt, later) == [True, False]


@pytest.mark.parametrize("way_in", WayIn)
def test_while_a_later_attempt_is_open_it_is_not_told_whose_the_connection_is(
    button: EntryPoint, business: Business, installation: Installation, way_in: OnboardingAttempt.WayIn
) -> None:
    attempt = tried(button, business, Outcome.SUCCEEDED, 60)
    later = tried(button, business, Outcome.STARTED, 30, way_in=way_in)
    assert connected(attempt) == [False]
    OnboardingAttempt.objects.filter(pk=later.pk).update(expires_at=ago(0))
    assert connected(attempt) == [way_in == WayIn.LOGIN], "of one at Meta it is settled first that nothing came"
    OnboardingAttempt.objects.filter(pk=later.pk).update(outcome=Outcome.EXPIRED)
    assert connected(attempt, later) == [True, False]


def test_a_connection_from_before_the_next_attempt_stays_with_the_one_that_led_to_it(
    button: EntryPoint, business: Business, installation: Installation
) -> None:
    first = tried(button, business, Outcome.SUCCEEDED, 60)
    again = tried(button, business, Outcome.SUCCEEDED, 30)
    Change.objects.create(
        partner=button.partner,
        installation=installation,
        kind=Change.Kind.CONNECTED,
        cause=Cause.RETURN,
        generation=1,
        occurred_at=ago(50),
    )
    # Nobody noted it in time; the second one found the business connected, and turned more on.
    assert connected(first, again) == [True, True]
    times = OnboardingAttempt.objects.order_by("pk").values_list("connected_at", flat=True)
    assert list(times) == [ago(50), NOW]


def test_of_two_tabs_the_connection_is_that_ones_which_came_back_last(
    button: EntryPoint, business: Business, installation: Installation
) -> None:
    at_meta = tried(button, business, Outcome.SUCCEEDED, 60, way_in=WayIn.BUSINESS_APP, returned_at=ago(10))
    login = tried(button, business, Outcome.SUCCEEDED, 50)
    assert connected(at_meta, login) == [True, False]


def test_a_return_after_it_was_connected_takes_nothing_from_the_login_that_did_it(
    button: EntryPoint, business: Business, installation: Installation
) -> None:
    login = tried(button, business, Outcome.SUCCEEDED, 60, returned_at=ago(40))
    at_meta = tried(button, business, Outcome.SUCCEEDED, 50, way_in=WayIn.BUSINESS_APP, returned_at=ago(10))
    Change.objects.create(
        partner=button.partner,
        installation=installation,
        kind=Change.Kind.CONNECTED,
        cause=Cause.RETURN,
        generation=1,
        occurred_at=ago(39),
    )
    assert connected(login, at_meta) == [True, True]
