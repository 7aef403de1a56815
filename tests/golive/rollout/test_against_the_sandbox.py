"""The funnel against what Meta counted, for both ways in: dialogs, connections and features, over real HTTP."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import fmean

import pytest
import requests
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from features.sync import drain
from golive.rollout.funnel import Arm, funnel_of
from onboarding.arms import arm_of
from onboarding.connecting import note_connected
from onboarding.models import EntryPoint, OnboardingAttempt
from onboarding.settling import settle_due
from sandbox.server import RunningSandbox
from tests.factories import BusinessFactory, EntryPointFactory, MetaAppFactory
from tests.golive.rollout.driving import drive, drive_from_meta
from tests.meta import Meta
from tests.onboarding.merchant import Merchant
from tests.onboarding.starter import Starter
from webhooks.models import Delivery
from webhooks.tasks import process_inbox

# What merchants of one arm do, each a different one, and what they turn on.
DOINGS = (
    ("continue", "FB_SERVICES"),
    ("continue", "MESSENGER_CHAT", "ADS"),
    ("continue", "IG_SERVICES"),
    ("cancel",),
    ("leave",),
    ("look",),
)
Dialogs = dict[str, dict[str, int]]


@pytest.fixture
def meta(transactional_db: None, live_server: LiveServer, settings: Settings, sandbox: RunningSandbox) -> Meta:
    """A Meta that knows an app, and sends its webhooks to the portal."""
    settings.PUBLIC_URL = live_server.url
    app = MetaAppFactory.create(sign_in_url="https://bookly.example/from-meta")
    meta = Meta(sandbox, app)
    callback = live_server.url + reverse("meta-webhook", args=[app.app_id])
    body = {"app_id": app.app_id, "callback_url": callback, "verify_token": app.verify_token}
    requests.post(f"{meta.url}/sandbox/api/apps", json=body, timeout=10).raise_for_status()
    return meta


@pytest.fixture
def entry_point(meta: Meta) -> EntryPoint:
    """One with half of the businesses in each arm."""
    row: EntryPoint = EntryPointFactory.create(meta_app=meta.app, slug="go", minimal_onboarding_percent=50)
    return row


def come_in(entry_point: EntryPoint, doings: tuple[tuple[str, ...], ...], do: Callable[..., None]) -> None:
    """Let a business of each arm do each of these."""
    left: dict[bool, Iterator[tuple[str, ...]]] = {True: iter(doings), False: iter(doings)}
    done = 0
    while done < 2 * len(doings):
        business = BusinessFactory.create(partner=entry_point.partner, domain="https://shop.example")
        if doing := next(left[arm_of(entry_point, business)], None):
            do(Merchant(business), *doing)
            done += 1


def hear_from_meta(count: int) -> None:
    """Do what workers and beat do, once so many webhooks are there."""
    end = time.monotonic() + 20
    while Delivery.objects.count() < count and time.monotonic() < end:
        time.sleep(0.05)
    process_inbox()
    drain()
    settle_due()
    note_connected()


def features_by_arm(meta: Meta, entry_point: EntryPoint) -> dict[bool, list[int]]:
    """How many features each connected business has at Meta, by the arm that its dialog was in."""
    found: dict[bool, list[int]] = defaultdict(list)
    for each in meta.counters()["connections"]:
        business = entry_point.partner.businesses.get(external_business_id=each["external_business_id"])
        if each["is_connected"]:
            found[arm_of(entry_point, business)].append(len(each["features"]))
    return found


def agree(arm: Arm, dialogs: dict[str, int], unheard_of: int, features: list[int]) -> None:
    """Compare an arm with Meta's own counts; nobody tells us of so many who cancelled there."""
    assert arm.started == dialogs["shown"]
    assert arm.returned == dialogs["finished"]
    assert arm.cancelled == dialogs["cancelled"] - unheard_of
    assert arm.failed == dialogs["failed"]
    left = dialogs["shown"] - dialogs["finished"] - dialogs["cancelled"] - dialogs["failed"]
    assert arm.open == left + unheard_of
    assert arm.connected == len(features)
    assert arm.features
    assert arm.features.value == pytest.approx(fmean(features))


def test_both_ways_in_agree_with_metas_own_count_in_both_arms(meta: Meta, entry_point: EntryPoint) -> None:
    come_in(entry_point, (*DOINGS, ("fail",)), drive)
    by_login = meta.counters()["dialogs"]

    def from_meta(merchant: Merchant, *doing: str) -> None:
        drive_from_meta(Starter(meta.app, meta.url), merchant.token, *doing)

    come_in(entry_point, DOINGS, from_meta)
    dialogs: Dialogs = meta.counters()["dialogs"]
    hear_from_meta(sum(each["finished"] for each in dialogs.values()))
    ways = OnboardingAttempt.objects.values_list("way_in", flat=True)
    assert {*ways} == {"login", "business_app"}
    for _ in range(2):
        funnel = funnel_of(entry_point)
        features = features_by_arm(meta, entry_point)
        for arm, name in ((funnel.new, "on"), (funnel.old, "off")):
            assert arm.shown == len(DOINGS) + 1 + len(DOINGS)
            unheard_of = dialogs[name]["cancelled"] - by_login[name]["cancelled"]
            assert unheard_of == 1
            agree(arm, dialogs[name], unheard_of, features[arm.is_minimal])
        # Also once the portal has given them up.
        OnboardingAttempt.objects.filter(outcome="started").update(expires_at=timezone.now() - timedelta(seconds=1))
        settle_due()
    assert set(OnboardingAttempt.objects.filter(way_in="business_app").values_list("outcome", flat=True)) == {
        "succeeded",
        "expired",
    }
