"""All that is known of one business on one Meta app, and what follows from it. Nothing here reads the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from features.configuration.models import Push
from features.models import AccessToken, Change, Feature, Installation
from features.uninstalling.models import Uninstall
from golive.diagnosis.failed_webhooks import About, Failed
from mbe.catalog import INTENTS, Intent
from onboarding.arms import is_within
from onboarding.models import EntryPoint, LaunchLink, OnboardingAttempt, Showing
from partners.models import Business, MetaApp
from webhooks.models import DeliveredNotice, Delivery, RefusedCount


@dataclass(frozen=True)
class Case:
    """The rows as they are `at` one moment.

    Usable links come first, tokens in the order in which calls try them, features oldest first. `attempt` is the
    newest, `succeeded` the newest that brought a token, `came_through` the vertical and intent of each button by which
    the connection came that stands. `turn` is when the connection began or ended last, `uninstall`
    what staff have asked for and Meta has not done yet, `taken_away` what they had uninstalled of single features that
    are still wanted off, by feature. `failed` are webhooks of the whole app that could not be
    processed, newest first, as far as they can be read with whom they are about; `refused` ones may have been about
    anybody: nobody knows who sent them.
    """

    app: MetaApp
    business: Business
    at: datetime
    is_secret_readable: bool
    installation: Installation | None
    links: Sequence[LaunchLink]
    entry_points: Sequence[EntryPoint]
    arms: Mapping[int, bool]
    shown: Showing | None
    attempt: OnboardingAttempt | None
    succeeded: OnboardingAttempt | None
    came_through: Sequence[tuple[str, str]]
    tokens: Sequence[AccessToken]
    notice: DeliveredNotice | None
    waiting_notice: DeliveredNotice | None
    failed: Sequence[Failed]
    refused: RefusedCount | None
    features: Sequence[Feature]
    pushes: Mapping[int, Push]
    turn: Change | None
    uninstall: Uninstall | None
    taken_away: Mapping[int, Uninstall]
    management_url: str

    # --- on the way to Meta

    @property
    def usable_links(self) -> list[LaunchLink]:
        """The links that open the merchant's page now."""
        return [each for each in self.links if each.revoked_at is None and each.expires_at > self.at]

    @property
    def offers(self) -> list[EntryPoint]:
        """The entry points that the usable links open; those of the business's verticals where one opens all."""
        links = self.usable_links
        if any(each.entry_point_id is None for each in links) or not links:
            return [each for each in self.entry_points if self.business.serves(each.vertical)]
        chosen = {each.entry_point_id for each in links}
        return [each for each in self.entry_points if each.pk in chosen]

    def has_menu(self, entry_point: EntryPoint) -> bool:
        """Whether the business gets the v3 menu there."""
        share = is_within(entry_point.minimal_onboarding_percent, entry_point.pk, self.business.pk)
        return self.arms.get(entry_point.pk, share)

    @property
    def pending(self) -> OnboardingAttempt | None:
        """The attempt on which all hangs: the newest one, if nothing has come of it and nothing else holds."""
        attempt = self.attempt
        if attempt is None or attempt.outcome == OnboardingAttempt.Outcome.SUCCEEDED:
            return None
        if self.living_tokens or self.waiting_notice is not None:
            return None
        return attempt if all(attempt.started_at > each for each in self._moments()) else None

    def _moments(self) -> list[datetime]:
        """When something was heard of the business at Meta, or of its end."""
        times = [each.received_at for each in self.tokens]
        times += [each.dead_at for each in self.tokens if each.dead_at]
        times += [self.turn.occurred_at] if self.turn else []
        times += [] if self._is_by_business_app else [each.received_at for each in self.naming]
        return times + ([self.notice.delivery.received_at] if self.notice else [])

    @property
    def _is_by_business_app(self) -> bool:
        return self.attempt is not None and self.attempt.way_in == OnboardingAttempt.WayIn.BUSINESS_APP

    @property
    def awaits_webhook(self) -> bool:
        """Whether the merchant went on at Meta, from where no redirect leads back: a webhook brings the token."""
        return self._is_by_business_app and self.pending is not None

    @property
    def lost_webhook(self) -> Delivery | RefusedCount | None:
        """What came while a webhook was awaited, and was refused or could not be processed."""
        if self.pending is None or not self.awaits_webhook:
            return None
        if lost := [*self.naming, *self.doubtful]:
            return lost[0]
        if self.refused is not None and self.refused.last_at and self.refused.last_at > self.pending.started_at:
            return self.refused
        return None

    @property
    def naming(self) -> list[Delivery]:
        """Failed webhooks that name this business, and that no answer of Meta's has made up for; newest first."""
        return self._failed(About.THIS)

    @property
    def doubtful(self) -> list[Delivery]:
        """Failed webhooks that may have been about this business as well as about another."""
        return self._failed(About.UNKNOWN)

    def _failed(self, about: About) -> list[Delivery]:
        since = self.installation.synced_at if self.installation else None
        if self._is_by_business_app and self.pending is not None:
            since = self.pending.started_at
        found = [each.delivery for each in self.failed if each.about == about]
        return [each for each in found if since is None or each.received_at > since]

    @property
    def waits_in_webhook(self) -> bool:
        """Whether what Meta sent waits with its webhook, and nothing else lets us ask Meta."""
        if self.living_tokens:
            return False
        return bool(self.naming) or (self.waiting_notice is not None and not self.tokens)

    # --- what Meta gave and said

    @property
    def has_come(self) -> bool:
        """Whether Meta has ever told of the business: by a token, a notice or an answer."""
        heard = (self.tokens, self.notice, self.waiting_notice, self.naming, self.was_synced, self.is_uninstalled)
        return any(heard)

    @property
    def living_tokens(self) -> list[AccessToken]:
        """The tokens that Meta has not refused and that have not run out."""
        return [each for each in self.tokens if each.dead_at is None and not self.is_over(each)]

    @property
    def is_token_readable(self) -> bool:
        """Whether a key opens a token with which Meta can be asked."""
        return any(each.is_readable for each in self.living_tokens)

    def is_over(self, token: AccessToken) -> bool:
        """Whether the token has run out."""
        return token.expires_at is not None and token.expires_at <= self.at

    @property
    def was_synced(self) -> bool:
        """Whether Meta has ever said what is installed."""
        return self.installation is not None and self.installation.synced_at is not None

    @property
    def is_connected(self) -> bool:
        """Whether the connection stands by the last sound answer."""
        return self.installation is not None and self.installation.state == Installation.State.CONNECTED

    @property
    def is_uninstalled(self) -> bool:
        """Whether the connection was taken away."""
        return self.installation is not None and self.installation.state == Installation.State.DISCONNECTED

    # --- what the business came for

    @property
    def intents(self) -> list[Intent]:
        """What the business came for, where the buttons that it came through named it."""
        return [INTENTS[each] for each in self.came_through if each in INTENTS]

    def missing(self, installed: Collection[str]) -> list[str]:
        """The feature types that the business came for and that these do not hold, nor staff had uninstalled."""
        held = {*installed, *(each.feature.feature_type for each in self.taken_away.values() if each.feature)}
        return sorted({name for each in self.intents for name in each.lacks(held)})

    @property
    def at_work(self) -> list[Feature]:
        """The features that are meant to work: all but those that staff had uninstalled."""
        return [each for each in self.features if each.pk not in self.taken_away]

    def is_needed(self, feature_type: str) -> bool:
        """Whether the business came for this: for all that is installed where a button named no intent, or none did."""
        if not self.came_through or len(self.intents) < len(self.came_through):
            return True
        return any(feature_type in each.required for each in self.intents)
