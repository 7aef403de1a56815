"""Feeds: when they are fetched, what becomes of what comes, and what of what does not."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from catalogs import feeds
from catalogs.feeds import ask_for_fetch, fetch_due
from catalogs.models import Feed, Format, Intake, IntakePart
from catalogs.taking import take
from tests.catalogs.files import as_csv, as_json_lines, lamps, products
from tests.catalogs.shop_server import ShopServer, shop_server
from tests.factories import BusinessFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(settings: Settings) -> Iterator[ShopServer]:
    """A shop's server on this machine, which may be asked."""
    settings.FEEDS_MAY_BE_PRIVATE = True
    with shop_server() as running:
        yield running


def feed_of(shop: ShopServer, path: str = "/feed.csv", **values: Any) -> Feed:
    """A feed that is due."""
    business = BusinessFactory.create()
    wanted = {"partner": business.partner, "business": business, "url": shop.url + path, "format": Format.CSV}
    return Feed.objects.create(**wanted | values)


def seconds_to_next(feed: Feed) -> float:
    """How long it waits now."""
    feed.refresh_from_db()
    assert feed.next_at
    return (feed.next_at - timezone.now()).total_seconds()


def test_a_feed_becomes_an_intake_that_is_taken(shop: ShopServer) -> None:
    shop.has("/feed.csv", as_csv(lamps("one", "two")))
    feed = feed_of(shop, "/feed.csv?key=of-the-shop", every_hours=6)
    shop.answers["/feed.csv?key=of-the-shop"] = shop.answers["/feed.csv"]
    assert fetch_due() == 1
    intake = Intake.objects.get()
    assert (intake.origin, intake.state, intake.name, intake.is_whole) == ("feed", "waiting", "feed.csv", True)
    assert take(intake.partner_id, intake.pk)
    assert [*products(feed.business)] == ["one", "two"]
    assert 6 * 3600 - 60 < seconds_to_next(feed) <= 6 * 3600
    assert (feed.problem, feed.failures, feed.claimed_until) == ("", 0, None) and feed.fetched_at
    assert fetch_due() == 0


def test_what_the_shop_has_not_changed_is_not_taken_again(shop: ShopServer) -> None:
    shop.has("/feed.csv", as_csv(lamps("one")), etag='"one"')
    feed = feed_of(shop)
    fetch_due()
    Feed.objects.update(next_at=timezone.now())
    fetch_due()
    assert Intake.objects.count() == 1 and len(shop.asked) == 2
    feed.refresh_from_db()
    assert (feed.etag, feed.problem) == ('"one"', "")
    # Whoever presses the button wants all of it.
    ask_for_fetch(Feed.objects.all())
    fetch_due()
    assert Intake.objects.count() == 2


def test_a_failure_is_shown_and_tried_again_ever_later_but_not_later_than_usual(shop: ShopServer) -> None:
    shop.has("/feed.csv", b"", status=503)
    feed = feed_of(shop, every_hours=1)
    waits = []
    for _ in range(8):
        fetch_due()
        waits.append(round(seconds_to_next(feed), -1))
        Feed.objects.update(next_at=timezone.now())
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert (feed.problem, feed.failures, feed.fetched_at) == ("status:503", 8, None)
    shop.has("/feed.csv", as_csv(lamps("one")))
    fetch_due()
    assert seconds_to_next(feed) > 3500 and (feed.problem, feed.failures) == ("", 0)


def test_what_breaks_off_leaves_no_intake(shop: ShopServer) -> None:
    shop.has("/feed.csv", as_csv(lamps("one")), Content_Length="100000")
    feed = feed_of(shop)
    fetch_due()
    feed.refresh_from_db()
    assert feed.problem == "broken_off"
    assert not Intake.objects.exists() and not IntakePart.objects.exists()


def test_what_cannot_be_unpacked_is_a_failed_intake(shop: ShopServer) -> None:
    shop.has("/feed.csv", b"\x1f\x8bno gzip")
    feed = feed_of(shop)
    fetch_due()
    feed.refresh_from_db()
    assert feed.problem == "bad_gzip" == Intake.objects.get(state="failed").problem


def test_a_private_address_is_not_fetched_unless_the_setting_allows_it(shop: ShopServer, settings: Settings) -> None:
    settings.FEEDS_MAY_BE_PRIVATE = False
    shop.has("/feed.csv", as_csv(lamps("one")))
    plain = feed_of(shop)
    by_name = feed_of(shop, url="https://intranet.example/feed.csv")
    assert fetch_due(lambda host, port: ["10.0.0.1"]) == 2
    for feed, problem in ((plain, "not_https"), (by_name, "private_address")):
        feed.refresh_from_db()
        assert feed.problem == problem
    assert not shop.asked and not Intake.objects.exists()


def test_json_lines_come_by_feed_too(shop: ShopServer) -> None:
    shop.has("/feed.jsonl", as_json_lines(lamps("one")))
    feed_of(shop, "/feed.jsonl", format=Format.JSON_LINES)
    fetch_due()
    intake = Intake.objects.get()
    take(intake.partner_id, intake.pk)
    assert [*products(intake.business)] == ["one"]


def test_nobody_fetches_what_is_switched_off_or_being_fetched(shop: ShopServer) -> None:
    feed_of(shop, is_active=False)
    being_fetched = feed_of(shop, claimed_until=timezone.now() + timedelta(minutes=1))
    assert fetch_due() == 0
    Feed.objects.filter(pk=being_fetched.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    shop.has("/feed.csv", as_csv(lamps("one")))
    assert fetch_due() == 1


def test_most_workers_stay_free_for_other_things(shop: ShopServer) -> None:
    for _ in range(feeds.LANES):
        feed_of(shop, claimed_until=timezone.now() + timedelta(minutes=1))
    feed_of(shop)
    assert fetch_due() == 0


def test_a_worker_that_comes_back_late_changes_nothing(shop: ShopServer) -> None:
    feed = feed_of(shop)
    late = feeds._claim()
    assert late is not None
    Feed.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    successor = feeds._claim()
    assert successor is not None and successor.attempt == late.attempt + 1
    feeds._release(late, "timeout", "")
    feed.refresh_from_db()
    assert feed.problem == "" and feed.claimed_until


def test_who_asks_during_a_fetch_gets_another(shop: ShopServer) -> None:
    feed = feed_of(shop)
    claimed = feeds._claim()
    assert claimed is not None
    ask_for_fetch(Feed.objects.filter(pk=feed.pk))
    feeds._release(claimed, "", '"one"')
    assert feeds.due().exists()
    feed.refresh_from_db()
    assert feed.etag == ""
