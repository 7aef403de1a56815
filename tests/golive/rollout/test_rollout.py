"""The rollout's page: the funnel, and the buttons."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from golive.rollout.comparing import verdict
from golive.rollout.funnel import Arm, Funnel, funnel_of
from onboarding.arms import arm_of
from onboarding.connecting import note_connected
from onboarding.models import ArmOverride, EntryPoint, OnboardingAttempt
from partners.audit.models import AuditEntry
from partners.models import MetaApp
from sandbox.server import RunningSandbox
from tests.admin_rows import signed_in
from tests.factories import BusinessFactory, EntryPointFactory, MembershipFactory, MetaAppFactory
from tests.golive.rollout.driving import drive
from tests.meta import Meta
from tests.onboarding.merchant import Merchant


@pytest.fixture
def app(db: None) -> MetaApp:
    """An app that offers everything."""
    return MetaAppFactory.create()


@pytest.fixture
def entry_point(app: MetaApp) -> EntryPoint:
    """One with half of the businesses in each arm."""
    return EntryPointFactory.create(meta_app=app, slug="go", minimal_onboarding_percent=50)


@pytest.fixture
def member(app: MetaApp) -> Client:
    """The browser of a member of its partner."""
    return signed_in(MembershipFactory.create(partner=app.partner).user)


def _page(entry_point: EntryPoint) -> str:
    return reverse("golive-rollout", args=[entry_point.pk])


def _total(funnel: Funnel, step: str) -> int:
    return int(getattr(funnel.new, step) + getattr(funnel.old, step))


STEPS = {"finished": "returned", "cancelled": "cancelled", "failed": "failed"}


def _numbers(page: str) -> dict[str, tuple[int, int]]:
    """The table's counts as the page shows them: step to the v3 menu's and the v2 interface's."""
    rows = re.findall(r'<th scope="row">([^<]+)</th><td><b>(\d+)</b>.*?</td><td><b>(\d+)</b>', page, re.DOTALL)
    return {label: (int(new), int(old)) for label, new, old in rows}


def test_the_page_shows_what_meta_counted_in_both_arms(
    member: Client, entry_point: EntryPoint, sandbox: RunningSandbox
) -> None:
    meta = Meta(sandbox, entry_point.meta_app)
    actions = ("continue", "cancel", "fail", "leave", "look", "continue", "fail")
    ways = {True: iter(actions), False: iter(actions[:5])}
    left = len(actions) + 5
    while left:
        business = BusinessFactory.create(partner=entry_point.partner)
        if action := next(ways[arm_of(entry_point, business)], ""):
            drive(Merchant(business), action, "FB_SERVICES")
            left -= 1
    counted = meta.counters()["dialogs"]
    assert counted == {
        "on": {"shown": 6, "finished": 2, "cancelled": 1, "failed": 2},
        "off": {"shown": 4, "finished": 1, "cancelled": 1, "failed": 1},
    }
    shown = _numbers(member.get(_page(entry_point)).content.decode())
    assert shown["shown"] == (7, 5)
    assert shown["started"] == (counted["on"]["shown"], counted["off"]["shown"])
    for theirs, ours in STEPS.items():
        assert shown[ours] == (counted["on"][theirs], counted["off"][theirs])
    assert shown["not come back"] == (1, 1)
    failed = OnboardingAttempt.objects.filter(outcome="failed")
    assert set(failed.values_list("error_code", flat=True)) == {"1349"}


def test_a_business_counts_as_connected_once_a_sync_found_it_so(
    entry_point: EntryPoint, sandbox: RunningSandbox
) -> None:
    Meta(sandbox, entry_point.meta_app)
    merchants = [Merchant(BusinessFactory.create(partner=entry_point.partner)) for _ in range(3)]
    for merchant in merchants:
        merchant.go_through("go", "FB_SERVICES")
    installation = merchants[0].link.business.installations
    installation.update(state="connected", synced_at=timezone.now() + timedelta(minutes=1))
    note_connected()
    funnel = funnel_of(entry_point)
    assert [_total(funnel, each) for each in ("returned", "connected")] == [3, 1]


def test_a_business_with_a_chosen_arm_is_left_out(entry_point: EntryPoint) -> None:
    merchant = Merchant(BusinessFactory.create(partner=entry_point.partner))
    ArmOverride.objects.create(
        partner=entry_point.partner,
        entry_point=entry_point,
        business=merchant.link.business,
        use_minimal_onboarding=True,
    )
    merchant.open()
    funnel = funnel_of(entry_point)
    assert (_total(funnel, "shown"), funnel.left_out) == (0, 1)


@pytest.mark.parametrize(
    ("new", "old", "words"),
    [
        ((0, 0), (0, 0), "No data yet"),
        ((5, 90), (0, 0), "Nothing to compare: only the v3 menu was shown, and 5 of 90"),
        ((0, 0), (6, 90), "Nothing to compare: only the v2 interface was shown, and 6 of 90"),
        ((5, 10), (5, 10), "Too few data"),
        (
            (40, 100),
            (35, 98),
            "Not yet: 40 of 100 businesses connected with the v3 menu against 35 of 98 with the v2 interface,",
        ),
        ((80, 100), (35, 98), "Yes: more connect"),
        ((35, 98), (80, 100), "Yes: fewer connect"),
    ],
)
def test_a_sentence_says_whether_the_difference_is_real(new: tuple[int, int], old: tuple[int, int], words: str) -> None:
    arms = [Arm(True, connected=new[0], shown=new[1]), Arm(False, connected=old[0], shown=old[1])]
    assert verdict(Funnel(arms[0], arms[1], 0)).startswith(words)


@pytest.mark.parametrize(
    ("moved", "words"), [(10, "Yes: more connect"), (95, "Not yet: 80 of 100 businesses connected")]
)
def test_a_difference_that_hangs_on_those_who_were_moved_is_not_called_real(moved: int, words: str) -> None:
    new, old = Arm(True, connected=80, shown=100), Arm(False, connected=35, shown=140, moved=moved)
    said = verdict(Funnel(new, old, 0))
    assert said.startswith(words)
    assert ("95 businesses that were given the other arm" in said) is (moved == 95)


def test_a_typed_percentage_is_asked_about_and_one_click_leads_back(member: Client, entry_point: EntryPoint) -> None:
    page = _page(entry_point)
    assert "instead of 50 %" in member.post(page, {"percent": "100"}).content.decode()
    entry_point.refresh_from_db()
    assert entry_point.minimal_onboarding_percent == 50
    assert member.post(page, {"percent": "100", "sure": "yes"}).status_code == 302
    text = member.get(page).content.decode()
    assert "Back to 50 %" in text and "all businesses get the v3 menu" in text
    entry_point.refresh_from_db()
    assert (entry_point.minimal_onboarding_percent, entry_point.previous_percent) == (100, 50)
    assert AuditEntry.objects.latest("pk").changes == {"minimal_onboarding_percent": [50, 100]}


def test_no_other_number_is_taken(member: Client, entry_point: EntryPoint) -> None:
    for wrong in ("101", "-1", "half", ""):
        assert member.post(_page(entry_point), {"percent": wrong, "sure": "yes"}).status_code == 400
    entry_point.refresh_from_db()
    assert entry_point.minimal_onboarding_percent == 50


def test_staff_choose_the_arm_of_one_business(member: Client, entry_point: EntryPoint) -> None:
    business = BusinessFactory.create(partner=entry_point.partner)
    stranger = BusinessFactory.create()
    form = {"external_business_id": business.external_business_id, "arm": "v2"}
    assert member.post(_page(entry_point), form).status_code == 302
    assert ArmOverride.objects.get().use_minimal_onboarding is False
    assert member.post(_page(entry_point), form | {"arm": "percent"}).status_code == 302
    assert not ArmOverride.objects.exists()
    refused = member.post(_page(entry_point), form | {"external_business_id": stranger.external_business_id})
    assert refused.status_code == 400
    assert "There is no business with this id." in refused.content.decode()


def test_to_all_and_back_are_one_click_each(member: Client, entry_point: EntryPoint) -> None:
    for button, percent in (("To all", 100), ("Back to 50 %", 50), ("To all", 100)):
        text = member.get(_page(entry_point)).content.decode()
        assert "Back to 100 %" not in text
        form = next(each for each in re.findall(r"<form.*?</form>", text, re.DOTALL) if f'value="{button}"' in each)
        fields = dict(re.findall(r'<input type="hidden" name="(percent|sure)" value="([^"]+)"', form))
        assert member.post(_page(entry_point), fields).status_code == 302
        entry_point.refresh_from_db()
        assert entry_point.minimal_onboarding_percent == percent


def test_the_percentage_that_stands_is_not_asked_about(member: Client, entry_point: EntryPoint) -> None:
    for fields in ({"percent": "50"}, {"percent": "50", "sure": "yes"}):
        answer = member.post(_page(entry_point), fields, follow=True)
        assert answer.redirect_chain and "The percentage is this one already." in answer.content.decode()
    assert not AuditEntry.objects.filter(changes__has_key="minimal_onboarding_percent").exists()
