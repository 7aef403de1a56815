"""The arms of a rollout: deterministic, sticky, uniform; chosen for one business; kept on the attempt."""

import json
from collections.abc import Callable
from itertools import count
from math import sqrt

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure

from onboarding.arms import arm_of, bucket_of, is_within
from onboarding.connecting import note_connected
from onboarding.models import ArmOverride, EntryPoint, OnboardingAttempt, Showing
from partners.models import Business, MetaApp
from tests.factories import BusinessFactory, EntryPointFactory
from tests.onboarding.merchant import Merchant

IDS = st.integers(min_value=1, max_value=2**40)
PERCENT = st.integers(min_value=0, max_value=100)
Within = Callable[[int, int, int], bool]
CROWD = 2_000


def _is_near(count: int, percent: float) -> bool:
    """Whether so many of the crowd are no more than six standard deviations from this share."""
    share = percent / 100
    return abs(count - CROWD * share) <= 6 * sqrt(CROWD * share * (1 - share)) + 1e-9


def check(is_within: Within) -> None:
    """Raise AssertionError unless the arms are deterministic, sticky, uniform, and other ones in another rollout."""

    # What is found is a crowd of thousands, which gets no plainer by shrinking, but takes long.
    @settings(derandomize=True, database=None, deadline=None, max_examples=40, phases=[Phase.generate])
    @given(IDS, IDS, PERCENT, PERCENT)
    def holds(entry: int, first: int, one: int, other: int) -> None:
        low, high = sorted((one, other))
        crowd = range(first, first + CROWD)
        chosen = {each for each in crowd if is_within(low, entry, each)}
        assert chosen == {each for each in crowd if is_within(low, entry, each)}
        assert chosen <= {each for each in crowd if is_within(high, entry, each)}
        assert _is_near(len(chosen), low)
        elsewhere = {each for each in crowd if is_within(low, entry + 1, each)}
        assert _is_near(len(chosen & elsewhere), low * low / 100)
        assert all(is_within(100, entry, each) and not is_within(0, entry, each) for each in crowd)

    holds()


def test_the_arms_are_deterministic_sticky_uniform_and_independent() -> None:
    check(is_within)


TURNS = count()
WRONG: dict[str, Within] = {
    "another arm at each look": lambda percent, entry, each: bucket_of(entry + next(TURNS), each) < percent * 100,
    "new dice at each percentage": lambda percent, entry, each: bucket_of(entry + 7 * percent, each) < percent * 100,
    "one in ten too many": lambda percent, entry, each: bucket_of(entry, each) < percent * 110,
    "the same businesses in each rollout": lambda percent, entry, each: bucket_of(0, each) < percent * 100,
    "the last digits": lambda percent, entry, each: (entry + each) % 100 < percent,
    "nobody is in all": lambda percent, entry, each: bucket_of(entry, each) < min(percent * 100, 9_990),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_the_check_finds_arms_that_are_wrong(wrong: Within) -> None:
    with pytest.raises((AssertionError, FlakyFailure)):
        check(wrong)


def test_a_business_that_got_the_menu_keeps_it_on_the_real_page_as_the_percentage_rises(app: MetaApp) -> None:
    entry_point = EntryPointFactory.create(meta_app=app, slug="go")
    merchants = [Merchant(BusinessFactory.create(partner=app.partner)) for _ in range(16)]
    arms: dict[int, list[bool]] = {merchant.link.business_id: [] for merchant in merchants}
    for percent in (0, 20, 45, 70, 100):
        EntryPoint.objects.update(minimal_onboarding_percent=percent)
        for merchant in merchants:
            assert merchant.open().status_code == 200
            extras = json.loads(merchant.start("go")["extras"])
            arms[merchant.link.business_id].append(extras["setup"]["flow_config"]["use_minimal_onboarding"])
    # Once in, always in: off before on, and on at the end.
    assert all(each == sorted(each) and each[0] is False and each[-1] is True for each in arms.values())
    assert len({tuple(each) for each in arms.values()}) >= 3
    for business, seen in arms.items():
        shown = entry_point.showings.filter(business_id=business).values_list("use_minimal_onboarding", flat=True)
        assert sorted(shown) == sorted(set(seen))


def test_the_arm_reaches_meta_and_stays_on_the_attempt(app: MetaApp, business: Business, merchant: Merchant) -> None:
    entry_point = EntryPointFactory.create(meta_app=app, slug="go", minimal_onboarding_percent=0)
    for arm in (False, True):
        if arm:
            ArmOverride.objects.create(
                partner=app.partner, entry_point=entry_point, business=business, use_minimal_onboarding=True
            )
        extras = json.loads(merchant.start("go")["extras"])
        assert extras["setup"]["flow_config"] == {"use_minimal_onboarding": arm}
        assert merchant.attempt().use_minimal_onboarding is arm
        assert arm_of(entry_point, business) is arm


def test_a_button_is_shown_once_for_each_arm_and_not_to_a_look_ahead(app: MetaApp, merchant: Merchant) -> None:
    entry_point = EntryPointFactory.create(meta_app=app)
    EntryPointFactory.create(meta_app=app, is_active=False)
    merchant.client.head(f"/connect/{merchant.token}/")
    assert not Showing.objects.exists()
    merchant.open()
    merchant.open()
    shown = Showing.objects.values_list("entry_point_id", "use_minimal_onboarding")
    assert list(shown) == [(entry_point.pk, True)]
    type(entry_point).objects.update(minimal_onboarding_percent=0)
    merchant.open()
    assert sorted(shown.all()) == [(entry_point.pk, False), (entry_point.pk, True)]


def test_an_attempt_is_connected_when_a_sync_after_the_return_says_so(
    app: MetaApp, business: Business, merchant: Merchant
) -> None:
    EntryPointFactory.create(meta_app=app, slug="go")
    merchant.start("go")
    attempt = merchant.attempt()
    before, after = attempt.started_at, attempt.expires_at
    OnboardingAttempt.objects.update(outcome="succeeded", returned_at=before)
    from_sync = type(attempt).objects.filter(connected_at=after)
    installation = business.installations.get()
    installation.state, installation.synced_at = "connected", None
    installation.save()
    assert note_connected() == 0
    installation.synced_at = after
    installation.save()
    assert (note_connected(), note_connected()) == (1, 0)
    assert from_sync.exists()
