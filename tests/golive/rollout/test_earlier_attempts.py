"""Attempts from before there were arms stand in the funnel as they went, so that they decide nothing falsely."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from features.models import Cause, Change, Installation
from golive.rollout.funnel import funnel_of
from onboarding.models import EntryPoint, OnboardingAttempt
from tests.factories import EntryPointFactory, InstallationFactory
from tests.golive.rollout.test_funnel import NOW, _shown, _tried

pytestmark = pytest.mark.django_db
migration = import_module("onboarding.migrations.0012_earlier_attempts_in_the_funnel")
LONG_AGO = NOW - timedelta(days=90)


def _came(entry_point: EntryPoint, state: str) -> Installation:
    row: Installation = InstallationFactory.create(
        meta_app=entry_point.meta_app, business__partner=entry_point.partner, state=state
    )
    _tried(entry_point, row.business, True, "succeeded", started_at=LONG_AGO, returned_at=LONG_AGO)
    return row


def _connected_later(row: Installation) -> None:
    Change.objects.create(
        partner=row.partner,
        installation=row,
        kind=Change.Kind.CONNECTED,
        cause=Cause.RETURN,
        generation=1,
        occurred_at=LONG_AGO + timedelta(minutes=2),
    )


def test_where_the_menu_was_off_they_are_in_the_old_arm_and_connected_when_the_history_says() -> None:
    entry_point: EntryPoint = EntryPointFactory.create(minimal_onboarding_percent=0)
    _connected_later(_came(entry_point, "disconnected"))
    _came(entry_point, "connected")
    _came(entry_point, "pending")
    migration.tell_of_earlier_attempts(apps)
    funnel = funnel_of(entry_point)
    assert (funnel.new.shown, funnel.old.shown, funnel.old.connected) == (0, 3, 2)
    times = OnboardingAttempt.objects.order_by("pk").values_list("connected_at", flat=True)
    assert list(times) == [LONG_AGO + timedelta(minutes=2), LONG_AGO, None]


def test_where_the_menu_was_on_they_are_in_the_new_arm_and_later_ones_stay_as_they_are() -> None:
    on: EntryPoint = EntryPointFactory.create(minimal_onboarding_percent=100)
    off: EntryPoint = EntryPointFactory.create(minimal_onboarding_percent=0)
    _came(on, "connected")
    later = InstallationFactory.create(meta_app=off.meta_app, business__partner=off.partner).business
    _shown(off, later, True)
    _tried(off, later, True, "succeeded", returned_at=NOW)
    migration.tell_of_earlier_attempts(apps)
    assert (funnel_of(on).new.connected, funnel_of(off).new.shown, funnel_of(off).old.shown) == (1, 1, 0)
