"""Through which button a business most likely comes: what staff find chosen when they make it a launch link.

Call these inside the door of the business's partner.
"""

from collections.abc import Collection
from functools import partial

from features.models import Installation
from mbe.v2 import intents_for_channel
from onboarding.arms import arms_of
from onboarding.cards import entry_points_of, find_obstacle
from onboarding.models import EntryPoint, LaunchLink, OnboardingAttempt
from partners.models import Business, MetaApp

Rank = tuple[bool, bool, int, bool, int]


def rank(entry_point: EntryPoint, came_by: int | None, channel: str) -> Rank:
    """The place of an entry point among those of its app; the least is the likeliest.

    That is the one by which the business came (its key is `came_by`); then one that sends its v2 channel, those whose
    intents fit the channel, the whole menu, the others.
    """
    suggested = intents_for_channel(entry_point.vertical, channel) if channel else ()
    place = suggested.index(entry_point.intent) if entry_point.intent in suggested else len(suggested)
    sends_channel = bool(channel) and entry_point.channel == channel
    is_menu = not entry_point.intent
    return entry_point.pk != came_by, not sends_channel, place, not is_menu, entry_point.pk


def entry_points_come_by(meta_app: MetaApp, businesses: Collection[int]) -> dict[int, int]:
    """For each of these businesses, by its key, the entry point of the app that brought its newest token."""
    succeeded = OnboardingAttempt.objects.filter(
        meta_app=meta_app, business__in=businesses, outcome=OnboardingAttempt.Outcome.SUCCEEDED
    )
    newest = succeeded.order_by("business", "-pk").distinct("business")
    return dict(newest.values_list("business_id", "entry_point_id"))


def likeliest(business: Business, meta_app: MetaApp) -> EntryPoint | None:
    """The app's button that the business most likely comes through; None where it can press none."""
    rows = EntryPoint.objects.filter(meta_app=meta_app, partner_id=business.partner_id, is_active=True)
    served = [each for each in rows.select_related("meta_app") if business.serves(each.vertical)]
    channels = Installation.objects.filter(meta_app=meta_app, business=business).values_list("channel", flat=True)
    came_by = entry_points_come_by(meta_app, [business.pk]).get(business.pk)
    place = partial(rank, came_by=came_by, channel=channels.first() or "")
    return min(_open_to(business, served), key=place, default=None)


def way_back(business: Business) -> EntryPoint | None:
    """The likeliest button of the one app that the business must reconnect; None where there is none, or several.

    A test app beside a live one does not count.
    """
    rows = Installation.objects.filter(business=business, state=Installation.State.RECONNECT)
    lost = [each.meta_app for each in rows.select_related("meta_app").order_by("pk")]
    apps = [each for each in lost if not each.is_test] or lost
    return likeliest(business, apps[0]) if len(apps) == 1 else None


def obvious(business: Business) -> EntryPoint | None:
    """The one that a new link is meant for, where that is plain: the way back, or else the business's only button."""
    found = way_back(business)
    if found is not None:
        return found
    every = _open_to(business, entry_points_of(LaunchLink(partner_id=business.partner_id, business=business)))
    return every[0] if len(every) == 1 else None


def _open_to(business: Business, entry_points: Collection[EntryPoint]) -> list[EntryPoint]:
    arms = arms_of(entry_points, business)
    return [each for each in entry_points if find_obstacle(each, business, arms[each.pk]) is None]
