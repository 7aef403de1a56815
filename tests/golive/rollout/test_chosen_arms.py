"""Businesses whose arm staff chose decide nothing, also after staff have left them to the percentage again."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from golive.rollout.funnel import Arm, Funnel, funnel_of
from golive.rollout.turning import choose
from onboarding.models import ArmOverride, EntryPoint, OnboardingAttempt, Showing
from partners.audit.recording import By
from partners.models import Business, MetaApp
from tests.factories import BusinessFactory, EntryPointFactory, MetaAppFactory
from tests.golive.rollout.test_funnel import NOW, _shown, _tried
from tests.onboarding.merchant import Merchant

pytestmark = pytest.mark.django_db
migration = import_module("onboarding.migrations.0015_arms_chosen_so_far")
BY = By.command("add_entry_point")


@pytest.fixture
def entry_point() -> EntryPoint:
    """One that keeps the v2 interface for all."""
    app: MetaApp = MetaAppFactory.create()
    row: EntryPoint = EntryPointFactory.create(meta_app=app, slug="go", minimal_onboarding_percent=0)
    return row


@pytest.fixture
def merchant(entry_point: EntryPoint) -> Merchant:
    """Of a business of that partner."""
    return Merchant(BusinessFactory.create(partner=entry_point.partner))


def counted(funnel: Funnel) -> tuple[int, int, int]:
    """How many businesses are in the new arm, in the old one, and in neither."""
    return funnel.new.shown, funnel.old.shown, funnel.left_out


def test_who_connected_in_a_chosen_arm_counts_in_neither_after_the_choice_was_taken_back(
    entry_point: EntryPoint, merchant: Merchant
) -> None:
    choose(entry_point, merchant.link.business, True, BY)
    merchant.start("go")
    assert not Showing.objects.exists(), "the attempt alone tells"
    OnboardingAttempt.objects.update(outcome="succeeded", connected_at=NOW + timedelta(minutes=5))
    assert funnel_of(entry_point) == Funnel(Arm(True), Arm(False), 1)
    choose(entry_point, merchant.link.business, None, BY)
    assert funnel_of(entry_point) == Funnel(Arm(True), Arm(False), 1)


def test_so_does_who_only_saw_the_button_in_a_chosen_arm(entry_point: EntryPoint, merchant: Merchant) -> None:
    choose(entry_point, merchant.link.business, True, BY)
    merchant.open()
    choose(entry_point, merchant.link.business, None, BY)
    merchant.open()
    merchant.start("go")
    assert counted(funnel_of(entry_point)) == (0, 0, 1)
    by_arm = OnboardingAttempt.objects.values_list("use_minimal_onboarding", "is_arm_chosen")
    assert list(by_arm) == [(False, False)], "what comes after is by the percentage"


def test_a_choice_that_the_business_never_met_leaves_it_where_it_was(
    entry_point: EntryPoint, merchant: Merchant
) -> None:
    merchant.open()
    merchant.start("go")
    choose(entry_point, merchant.link.business, True, BY)
    assert counted(funnel_of(entry_point)) == (0, 0, 1)
    choose(entry_point, merchant.link.business, None, BY)
    assert counted(funnel_of(entry_point)) == (0, 1, 0)


def test_a_choice_at_one_button_says_nothing_of_another(entry_point: EntryPoint, merchant: Merchant) -> None:
    other = EntryPointFactory.create(meta_app=entry_point.meta_app, minimal_onboarding_percent=0)
    choose(entry_point, merchant.link.business, True, BY)
    merchant.open()
    assert counted(funnel_of(entry_point)) == (0, 0, 1)
    assert counted(funnel_of(other)) == (0, 1, 0)


def test_of_rows_from_before_those_met_since_the_choice_are_marked(entry_point: EntryPoint) -> None:
    early, late, free = (BusinessFactory.create(partner=entry_point.partner) for _ in range(3))
    for business, minute in ((early, -10), (late, 10), (free, 10)):
        _shown(entry_point, business, True, minute)
        _tried(entry_point, business, True, "succeeded", started_at=NOW + timedelta(minutes=minute + 1))
    for business in (early, late):
        _chose(entry_point, business)
    migration.mark_what_was_chosen(apps)
    for model in (Showing, OnboardingAttempt):
        assert list(model.objects.filter(is_arm_chosen=True).values_list("business", flat=True)) == [late.pk]
    ArmOverride.objects.all().delete()
    assert counted(funnel_of(entry_point)) == (2, 0, 1)


def _chose(entry_point: EntryPoint, business: Business) -> None:
    ArmOverride.objects.create(
        partner=entry_point.partner,
        entry_point=entry_point,
        business=business,
        use_minimal_onboarding=True,
        created_at=NOW,
    )
