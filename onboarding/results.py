"""What a merchant sees after coming back from Meta: how the attempt ended, and what the sync has found since."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from features.models import Installation
from onboarding.arms import arm_of
from onboarding.cards import Card, card_of, entry_points_of
from onboarding.connections import Connection, connection_of
from onboarding.endings import Ending, ending_of
from onboarding.models import LaunchLink, OnboardingAttempt, fingerprint
from onboarding.settling import settle
from onboarding.sharing import shared_for
from partners.tenancy import platform, tenant

Outcome = OnboardingAttempt.Outcome

# For how long after a return its page looks again by itself, and how often; in seconds.
_REFRESHES = ((60, 2), (600, 10))


@dataclass(frozen=True)
class ResultPage:
    """The end of an attempt; `refresh_seconds` is when the page should look again, None when all is said.

    `link_token` leads back to the launch page; empty when this browser does not hold it any more.
    """

    attempt: OnboardingAttempt
    partner_name: str
    business_name: str
    connection: Connection
    card: Card
    refresh_seconds: int | None
    can_start_again: bool
    link_token: str = field(repr=False)

    @property
    def ending(self) -> Ending:
        """How it ended, in the merchant's words."""
        return ending_of(self.attempt, self.connection, is_followed=self.refresh_seconds is not None)


def find_attempt(public_id: UUID, browser: str) -> OnboardingAttempt | None:
    """This browser's own attempt; None for any other."""
    with platform():
        attempts = OnboardingAttempt.objects.filter(public_id=public_id, browser_hash=fingerprint(browser))
        found = attempts.values_list("pk", "partner_id").first()
    if found is None:
        return None
    with tenant(found[1]):
        related = ("partner", "business", "meta_app", "entry_point__meta_app", "launch_link__business")
        attempt = OnboardingAttempt.objects.select_related(*related).get(pk=found[0])
    settle(attempt)
    return attempt


def underway(link: LaunchLink, browser: str) -> OnboardingAttempt | None:
    """What this browser started at Meta through this link, if that was the last thing it started; None otherwise."""
    with tenant(link.partner_id):
        own = OnboardingAttempt.objects.filter(launch_link_id=link.pk, browser_hash=fingerprint(browser))
        newest = own.order_by("-pk").first()
    if newest is None or newest.way_in != OnboardingAttempt.WayIn.BUSINESS_APP:
        return None
    settle(newest)
    return newest


def started_from(attempt: OnboardingAttempt) -> str | None:
    """The id of the Meta app at which it was started, be it a test app; None for one started on our page."""
    return attempt.meta_app.app_id if attempt.way_in == OnboardingAttempt.WayIn.BUSINESS_APP else None


def result_page(attempt: OnboardingAttempt, link_token: str) -> ResultPage:
    """Gather the page of an attempt; `link_token` is the launch link that this browser opened last."""
    link = attempt.launch_link
    with tenant(attempt.partner_id):
        installations = Installation.objects.select_related("meta_app", "business")
        installation = installations.filter(meta_app_id=attempt.meta_app_id, business_id=attempt.business_id).first()
        connection = connection_of(attempt.meta_app, installation)
        arm = arm_of(attempt.entry_point, attempt.business)
        shared = shared_for(attempt.entry_point, attempt.business_id)
        card = card_of(attempt.entry_point, attempt.business, connection, arm, shared)
        is_offered = attempt.entry_point in entry_points_of(link, started_from(attempt))
    return ResultPage(
        attempt=attempt,
        partner_name=attempt.partner.name,
        business_name=attempt.business.name,
        connection=connection,
        card=card,
        refresh_seconds=_refresh_seconds(attempt, connection),
        can_start_again=link.is_usable and is_offered and not card.obstacle,
        link_token=link_token if link.is_usable and _opens(link, link_token) else "",
    )


def _opens(link: LaunchLink, token: str) -> bool:
    return link.token_hash == fingerprint(token)


def _refresh_seconds(attempt: OnboardingAttempt, connection: Connection) -> int | None:
    """Often at first, then less so; never for ever. What started at Meta ends by itself, too."""
    if attempt.way_in == OnboardingAttempt.WayIn.BUSINESS_APP and attempt.outcome == Outcome.STARTED:
        return _REFRESHES[-1][1]
    is_open = attempt.outcome == Outcome.RETURNED or (attempt.outcome == Outcome.SUCCEEDED and connection.is_syncing)
    if not is_open or attempt.returned_at is None:
        return None
    age = timezone.now() - attempt.returned_at
    return next((seconds for limit, seconds in _REFRESHES if age < timedelta(seconds=limit)), None)
