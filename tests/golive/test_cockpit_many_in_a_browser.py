"""Ending what keeps businesses mixed, and looking at many differences, in a real browser without JavaScript."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from features.implied.models import Parity
from features.models import Feature
from partners.models import MetaApp
from tests.golive.test_cockpit_in_a_browser import LONG, app, fits, plain
from tests.golive.test_cockpit_mixed import unlisted
from tests.golive.test_cockpit_parities import compared

__all__ = ["app", "plain"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_mixed_ones_are_chosen_and_treated_as_gone(plain: Page, live_server: LiveServer, app: MetaApp) -> None:
    for name in ("Harbour Tea", "九龍花店", LONG):
        unlisted(app, name, "catalog", "pixel")
    plain.goto(live_server.url + reverse("golive-cockpit-mixed", args=[app.pk]))
    fits(plain)
    plain.get_by_role("checkbox").first.check()
    plain.get_by_role("button", name="Treat those chosen as gone").click()
    fits(plain)
    plain.get_by_role("link", name="No, take me back").click()
    plain.get_by_role("button", name="Catalog: treat all 3 as gone").click()
    fits(plain)
    plain.get_by_role("button", name="Yes, I am sure").click()
    expect(plain.get_by_text("3 features are treated as gone.")).to_be_visible()
    assert set(Feature.objects.filter(removed_at=None).values_list("feature_type", flat=True)) == {"pixel"}
    plain.get_by_role("button", name="Pixel: treat all 3 as gone").click()
    plain.get_by_role("button", name="Yes, I am sure").click()
    expect(plain.get_by_text("No business is here.")).to_be_visible()


def test_differences_are_looked_at_by_choice_and_by_likeness(
    plain: Page, live_server: LiveServer, app: MetaApp
) -> None:
    for lost in (("catalog",), ("catalog",), ("messaging", "ads"), ("page_cta",)):
        compared(app, lost=lost)
    plain.goto(live_server.url + reverse("golive-cockpit-parities", args=[app.pk]))
    fits(plain)
    plain.get_by_role("checkbox").first.check()
    plain.get_by_role("button", name="I have looked at those chosen").click()
    fits(plain)
    plain.get_by_role("button", name="Yes, I am sure").click()
    expect(plain.get_by_text("1 is marked as looked at.")).to_be_visible()
    plain.get_by_role("button", name="I have looked at all that are alike").last.click()
    fits(plain)
    plain.get_by_role("button", name="Yes, I am sure").click()
    expect(plain.get_by_text("2 are marked as looked at.")).to_be_visible()
    assert Parity.objects.get(looked_at=None).lost[0]["feature_type"] == "page_cta"
