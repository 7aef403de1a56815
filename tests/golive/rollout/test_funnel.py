"""The funnel: counted by the database, with two statements however many businesses there are."""

from datetime import timedelta
from statistics import fmean, median
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from golive.rollout.funnel import Arm, funnel_of
from onboarding.models import ArmOverride, EntryPoint, OnboardingAttempt, Showing
from partners.models import Business
from tests.factories import BusinessFactory, EntryPointFactory, FeatureFactory, InstallationFactory, LaunchLinkFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def entry_point() -> EntryPoint:
    """Half of the businesses in each arm."""
    row: EntryPoint = EntryPointFactory.create(minimal_onboarding_percent=50)
    return row


def _business(entry_point: EntryPoint) -> Business:
    row: Business = BusinessFactory.create(partner=entry_point.partner)
    return row


def _shown(entry_point: EntryPoint, business: Business, is_minimal: bool, minute: int = 0) -> None:
    Showing.objects.create(
        partner=entry_point.partner,
        entry_point=entry_point,
        business=business,
        use_minimal_onboarding=is_minimal,
        first_at=NOW + timedelta(minutes=minute),
    )


def _tried(entry_point: EntryPoint, business: Business, is_minimal: bool, outcome: str, **more: Any) -> None:
    link = LaunchLinkFactory.create(business=business)
    OnboardingAttempt.objects.create(
        partner=entry_point.partner,
        business=business,
        meta_app=entry_point.meta_app,
        entry_point=entry_point,
        launch_link=link,
        state_hash=link.token_hash,
        use_minimal_onboarding=is_minimal,
        outcome=outcome,
        **{"started_at": NOW + timedelta(minutes=1), **more},
    )


def test_of_several_attempts_the_best_counts_in_the_arm_met_first_and_who_was_moved_is_told_of(
    entry_point: EntryPoint,
) -> None:
    business = _business(entry_point)
    _shown(entry_point, business, True)
    _tried(entry_point, business, True, "failed")
    _tried(entry_point, business, True, "cancelled")
    # After the percentage changed: the other arm, in which it does not count.
    _tried(entry_point, business, False, "succeeded", started_at=NOW + timedelta(minutes=9))
    funnel = funnel_of(entry_point)
    assert funnel.new == Arm(True, shown=1, started=1, cancelled=1, moved=1)
    assert funnel.old == Arm(False)
    assert funnel.moved == 1


def test_who_connected_before_the_other_arm_came_is_not_moved(entry_point: EntryPoint) -> None:
    business = _business(entry_point)
    _shown(entry_point, business, False)
    _tried(entry_point, business, False, "succeeded", connected_at=NOW + timedelta(minutes=5))
    _shown(entry_point, business, True, minute=60)
    funnel = funnel_of(entry_point)
    assert (funnel.old.connected, funnel.moved, funnel.new) == (1, 0, Arm(True))


def test_an_arm_that_changed_between_the_look_and_the_click_is_the_one_looked_at(entry_point: EntryPoint) -> None:
    business = _business(entry_point)
    _shown(entry_point, business, False)
    _tried(entry_point, business, True, "succeeded", connected_at=NOW + timedelta(minutes=5))
    funnel = funnel_of(entry_point)
    assert (funnel.old, funnel.new) == (Arm(False, shown=1, moved=1), Arm(True))


def test_who_started_at_meta_and_was_not_heard_of_has_not_come_back_but_did_not_fail(entry_point: EntryPoint) -> None:
    _tried(entry_point, _business(entry_point), True, "expired", way_in="business_app")
    assert funnel_of(entry_point).new == Arm(True, shown=1, started=1, open=1)


@pytest.mark.parametrize(
    ("outcome", "step"),
    [
        ("started", "open"),
        ("returned", "returned"),
        ("succeeded", "returned"),
        ("cancelled", "cancelled"),
        ("failed", "failed"),
        ("expired", "failed"),
    ],
)
def test_each_outcome_has_its_step(entry_point: EntryPoint, outcome: str, step: str) -> None:
    _tried(entry_point, _business(entry_point), False, outcome)
    counts: dict[str, Any] = {step: 1}
    assert funnel_of(entry_point).old == Arm(False, shown=1, started=1, **counts)


def test_features_and_minutes_are_of_connected_businesses_only(entry_point: EntryPoint) -> None:
    waits, numbers = [3.0, 5.0, 8.0, 13.0, 21.0, 34.0, 55.0], [0, 1, 1, 2, 3, 5, 2]
    for wait, number in zip(waits, numbers, strict=True):
        business = _business(entry_point)
        installation = InstallationFactory.create(meta_app=entry_point.meta_app, business=business)
        FeatureFactory.create_batch(number, installation=installation)
        FeatureFactory.create(installation=installation, removed_at=NOW)
        _tried(entry_point, business, True, "succeeded", connected_at=NOW + timedelta(minutes=1 + wait))
    _tried(entry_point, _business(entry_point), True, "succeeded")
    new = funnel_of(entry_point).new
    assert (new.returned, new.connected) == (8, 7)
    assert new.features
    assert new.minutes
    assert new.features.value == pytest.approx(fmean(numbers))
    assert (new.minutes.value, new.minutes.low, new.minutes.high) == pytest.approx((median(waits), 3.0, 55.0))


def test_it_takes_as_many_statements_for_forty_businesses_as_for_twenty(
    entry_point: EntryPoint, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for expected in (20, 40):
        for number in range(20):
            business = _business(entry_point)
            _shown(entry_point, business, number % 2 == 0)
            _tried(entry_point, business, number % 2 == 0, "succeeded", connected_at=NOW + timedelta(minutes=5))
        # The door of the partner, there and back, and the two questions.
        with django_assert_num_queries(DOOR + 2):
            funnel = funnel_of(entry_point)
        assert funnel.new.shown + funnel.old.shown == expected
        assert funnel.new.minutes
        assert funnel.old.minutes


def test_chosen_businesses_are_left_out_and_counted_once(entry_point: EntryPoint) -> None:
    business = _business(entry_point)
    ArmOverride.objects.create(
        partner=entry_point.partner, entry_point=entry_point, business=business, use_minimal_onboarding=False
    )
    _shown(entry_point, business, True)
    _shown(entry_point, business, False, minute=1)
    _tried(entry_point, business, False, "succeeded", connected_at=NOW + timedelta(minutes=5))
    funnel = funnel_of(entry_point)
    assert (funnel.new, funnel.old, funnel.left_out) == (Arm(True), Arm(False), 1)


# A savepoint, the entry, the way back, and the savepoint's end.
DOOR = 4
