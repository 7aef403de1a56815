"""Feeds: which are due, one fetch of each, and when to come again."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from catalogs.fetching import MOST_SECONDS, Fetched, NotFetched, fetch
from catalogs.intakes import ArrivalEnded, discard, fill, new_intake
from catalogs.models import Feed, Format, Intake
from catalogs.safe_addresses import Resolve, look_up
from partners.tenancy import platform, tenant

logger = logging.getLogger(__name__)

# A fetch has an end, and with it the lease of whoever died in it.
LEASE_SECONDS = MOST_SECONDS + 60
# However slow some servers are, most workers stay free for the rest.
LANES = 2
FIRST_WAIT_SECONDS = 60
LONGEST_WAIT_SECONDS = 6 * 60 * 60


def fetch_due(resolve: Resolve = look_up) -> int:
    """Fetch every feed whose turn it is, one after another; returns how many."""
    count = 0
    while (feed := _claim()) is not None:
        fetch_one(feed, resolve)
        count += 1
    return count


def due() -> QuerySet[Feed]:
    """Feeds whose turn it is and that nobody fetches."""
    return Feed.objects.filter(Q(claimed_until=None) | Q(claimed_until__lt=Now()), is_active=True, next_at__lte=Now())


def ask_for_fetch(feeds: QuerySet[Feed]) -> None:
    """Have feeds fetched at once and whole, as if nobody had seen them; call it inside `tenant`."""
    feeds.update(next_at=Now(), etag="")


def fetch_one(feed: Feed, resolve: Resolve = look_up) -> None:
    """Fetch a feed that this worker has claimed, and write down what came of it."""
    try:
        with fetch(feed.url, etag=feed.etag, may_be_private=settings.FEEDS_MAY_BE_PRIVATE, resolve=resolve) as fetched:
            problem = "" if fetched.is_unchanged else _taken_in(feed, fetched)
            etag = feed.etag if fetched.is_unchanged else fetched.etag
    except NotFetched as error:
        problem, etag = error.code, ""
    _release(feed, problem, etag)


def _claim() -> Feed | None:
    with platform():
        if Feed.objects.filter(claimed_until__gte=Now()).count() >= LANES:
            return None
        feed = due().order_by("next_at").select_for_update(skip_locked=True).first()
        if feed is None:
            return None
        feed.attempt += 1
        Feed.objects.filter(pk=feed.pk).update(
            attempt=feed.attempt, claimed_until=Now() + timedelta(seconds=LEASE_SECONDS)
        )
        return Feed.objects.select_related("business").get(pk=feed.pk)


def _taken_in(feed: Feed, fetched: Fetched) -> str:
    """Keep what comes as an intake; the problem that the file has, if any."""
    name = feed.url.partition("?")[0].rpartition("/")[2]
    intake = new_intake(feed.business, Intake.Origin.FEED, Format(feed.format), name=name)
    try:
        return fill(intake, fetched.pieces())
    except NotFetched:
        discard(intake)
        raise
    except ArrivalEnded:
        return "broken_off"


def _release(feed: Feed, problem: str, etag: str) -> None:
    """Say when to come again: in the feed's own time, or, after a failure, ever later but not later than that."""
    regular = feed.every_hours * 60 * 60
    wait = min(FIRST_WAIT_SECONDS * 2 ** min(feed.failures, 20), LONGEST_WAIT_SECONDS, regular) if problem else regular
    with tenant(feed.partner_id):
        mine = Feed.objects.filter(pk=feed.pk, attempt=feed.attempt)
        outcome = {"failures": F("failures") + 1} if problem else {"failures": 0, "fetched_at": Now()}
        mine.update(problem=problem, claimed_until=None, **outcome)
        # Whoever has asked for a fetch meanwhile gets one.
        mine.filter(next_at__lte=feed.next_at).update(next_at=Now() + timedelta(seconds=wait), etag=etag)
    if problem:
        logger.warning("feed %s of partner %s was not fetched: %s", feed.pk, feed.partner_id, problem)
