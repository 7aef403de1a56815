"""All that is known of one business on one Meta app, read with a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from features.configuration.models import Push
from features.management_view import management_url
from features.models import AccessToken, Change, Feature, Installation
from mbe.catalog import INTENTS, Intent
from onboarding.arms import is_within
from onboarding.models import ArmOverride, EntryPoint, LaunchLink, OnboardingAttempt
from partners.encryption import UnknownKey
from partners.models import Business, MetaApp
from webhooks.models import DeliveredNotice, Delivery, RefusedCount

REFUSALS_COUNT_FOR = timedelta(days=7)
MOST_LINKS = 20
# An exchange of a code takes seconds; what takes longer was cut off.
EXCHANGE_TAKES = timedelta(minutes=2)


@dataclass(frozen=True)
class Case:
    """The rows; lists are newest first. `offers` are the app's entry points that a usable link could open."""

    app: MetaApp
    business: Business
    at: datetime
    is_secret_readable: bool
    installation: Installation | None
    links: Sequence[LaunchLink]
    entry_points: Sequence[EntryPoint]
    arms: Mapping[int, bool]
    attempt: OnboardingAttempt | None
    succeeded: OnboardingAttempt | None
    tokens: Sequence[AccessToken]
    notice: DeliveredNotice | None
    waiting_notice: DeliveredNotice | None
    failed_delivery: Delivery | None
    refused: RefusedCount | None
    features: Sequence[Feature]
    pushes: Mapping[int, Push]
    connected: Change | None
    management_url: str

    @property
    def usable_links(self) -> list[LaunchLink]:
        """The links that open the merchant's page now."""
        return [each for each in self.links if each.is_usable]

    @property
    def living_tokens(self) -> list[AccessToken]:
        """The tokens that Meta has not refused and that have not run out."""
        return [each for each in self.tokens if each.dead_at is None and not self.is_over(each)]

    @property
    def has_come(self) -> bool:
        """Whether the business got as far as a token once, or waits with one to be adopted."""
        return bool(self.tokens) or self.waiting_notice is not None or self.is_uninstalled or self.was_synced

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
        """Whether Meta said that the business has taken the integration away."""
        return self.installation is not None and self.installation.state == Installation.State.DISCONNECTED

    @property
    def started_at_meta(self) -> bool:
        """Whether the newest attempt began at Meta, from where no redirect leads back."""
        return self.attempt is not None and self.attempt.way_in == OnboardingAttempt.WayIn.BUSINESS_APP

    @property
    def offers(self) -> list[EntryPoint]:
        """The entry points that the usable links open; those of the business's verticals where one opens all."""
        links = self.usable_links
        if any(each.entry_point_id is None for each in links) or not links:
            return [each for each in self.entry_points if self.business.serves(each.vertical)]
        chosen = {each.entry_point_id for each in links}
        return [each for each in self.entry_points if each.pk in chosen]

    @property
    def intent(self) -> Intent | None:
        """What the business came for, where the button that it came through named it."""
        entry_point = self.succeeded.entry_point if self.succeeded else None
        return INTENTS.get((entry_point.vertical, entry_point.intent)) if entry_point else None

    def has_menu(self, entry_point: EntryPoint) -> bool:
        """Whether the business gets the v3 menu there."""
        share = is_within(entry_point.minimal_onboarding_percent, entry_point.pk, self.business.pk)
        return self.arms.get(entry_point.pk, share)

    def is_over(self, token: AccessToken) -> bool:
        """Whether the token has run out."""
        return token.expires_at is not None and token.expires_at <= self.at

    def is_needed(self, feature: Feature) -> bool:
        """Whether the business came for this feature; unknown where no button named an intent."""
        return self.intent is not None and feature.feature_type in self.intent.required


def load(app: MetaApp, business: Business) -> Case:
    """Read the case; the number of statements does not depend on how much there is."""
    installation = (
        Installation.objects.filter(meta_app=app, business=business).select_related("meta_app", "business").first()
    )
    of_app = Q(entry_point=None) | Q(entry_point__meta_app=app)
    links = LaunchLink.objects.filter(of_app, business=business).order_by("-pk")[:MOST_LINKS]
    attempts = OnboardingAttempt.objects.filter(meta_app=app, business=business).select_related("entry_point")
    succeeded = attempts.filter(outcome=OnboardingAttempt.Outcome.SUCCEEDED)
    arms = ArmOverride.objects.filter(business=business, entry_point__meta_app=app)
    features = _features(installation)
    return Case(
        app=app,
        business=business,
        at=timezone.now(),
        is_secret_readable=_is_readable(app),
        installation=installation,
        links=list(links),
        entry_points=list(EntryPoint.objects.filter(meta_app=app).order_by("pk")),
        arms=dict(arms.values_list("entry_point_id", "use_minimal_onboarding")),
        attempt=attempts.order_by("-pk").first(),
        succeeded=succeeded.order_by("-pk").first(),
        tokens=list(AccessToken.objects.filter(installation=installation).order_by("-received_at", "-pk")),
        notice=_notices(app).filter(installation=installation).order_by("-pk").first() if installation else None,
        waiting_notice=_waiting(app, business),
        failed_delivery=Delivery.objects.filter(meta_app=app, status=Delivery.Status.FAILED).order_by("-pk").first(),
        refused=_refused(app),
        features=features,
        pushes=_pushes(features),
        connected=_connected(installation),
        management_url=management_url(installation) if installation else "",
    )


def apps_of(business: Business) -> list[MetaApp]:
    """The apps that the business is or tried to be on; else those with a button for it; else all of its partner."""
    apps = list(MetaApp.objects.filter(partner_id=business.partner_id).order_by("pk"))
    used = {
        *Installation.objects.filter(business=business).values_list("meta_app_id", flat=True),
        *OnboardingAttempt.objects.filter(business=business).values_list("meta_app_id", flat=True),
    }
    buttons = EntryPoint.objects.filter(meta_app__in=apps, is_active=True).values_list("meta_app_id", "vertical")
    offering = {app for app, vertical in buttons if business.serves(vertical)}
    chosen = used or offering
    return [each for each in apps if each.pk in chosen] or apps


def _features(installation: Installation | None) -> list[Feature]:
    rows = Feature.objects.filter(installation=installation, removed_at=None).select_related(
        "installation__meta_app", "installation__business", "wanted", "activation"
    )
    return list(rows.order_by("pk")) if installation else []


def _pushes(features: Sequence[Feature]) -> dict[int, Push]:
    """The newest push of each feature."""
    newest = Push.objects.filter(feature__in=features).order_by("feature", "-pk").distinct("feature")
    return {each.feature_id: each for each in newest}


def _notices(app: MetaApp) -> QuerySet[DeliveredNotice]:
    return DeliveredNotice.objects.filter(meta_app=app).select_related("delivery").defer("delivery__sealed_body")


def _waiting(app: MetaApp, business: Business) -> DeliveredNotice | None:
    unknown = DeliveredNotice.Outcome.UNKNOWN_BUSINESS
    rows = _notices(app).filter(external_business_id=business.external_business_id, outcome=unknown)
    return rows.order_by("-pk").first()


def _refused(app: MetaApp) -> RefusedCount | None:
    since = timezone.now() - REFUSALS_COUNT_FOR
    rows = RefusedCount.objects.filter(meta_app=app, reason="signature", last_at__gte=since)
    return rows.order_by("-day").first()


def _connected(installation: Installation | None) -> Change | None:
    rows = Change.objects.filter(installation=installation, kind=Change.Kind.CONNECTED)
    return rows.order_by("-pk").first() if installation else None


def _is_readable(app: MetaApp) -> bool:
    try:
        return bool(app.secret)
    except UnknownKey:
        return False
