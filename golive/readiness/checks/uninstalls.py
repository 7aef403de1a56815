"""What went from businesses, by which way each had come, and whether a webhook told of it."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from features.models import Change
from onboarding.models import OnboardingAttempt
from partners.models import MetaApp
from webhooks.models import DeliveredNotice

# Meta may take a while; only after it does a missing webhook count as missing.
PATIENCE = timedelta(minutes=5)
Kind = Change.Kind


def about_installs(app: MetaApp) -> QuerySet[DeliveredNotice]:
    """The app's notices that made the portal look at a business, without those of the second channel."""
    rows = DeliveredNotice.objects.filter(
        partner=app.partner_id, meta_app=app, installation__meta_app=app, outcome=DeliveredNotice.Outcome.HINTED
    )
    return rows.exclude(field__startswith="business_integration").select_related("delivery")


def went_from(app: MetaApp, way_in: str) -> QuerySet[Change]:
    """The ends of features and connections of businesses that had come by this way last.

    `noticed_by` is the notice that told of it, None where none did: since the last install, and not long before it was
    found; of a whole connection one that says so. What v2 only implied ends without a webhook, and a connection's own
    features with it.
    """
    return (
        _ends(app)
        .annotate(
            is_whole=Q(kind=Kind.DISCONNECTED),
            came_by=Subquery(_came(app).values("way_in")[:1]),
            installed_at=Subquery(_installed()),
        )
        .filter(came_by=way_in)
        .annotate(noticed_by=Subquery(_notices(app).values("pk")[:1]))
    )


def _ends(app: MetaApp) -> QuerySet[Change]:
    changes = Change.objects.filter(partner=app.partner_id, installation__meta_app=app)
    with_all = Change.objects.filter(
        installation=OuterRef("installation"), generation=OuterRef("generation"), kind=Kind.DISCONNECTED
    )
    alone = Q(kind=Kind.REMOVED, feature__is_implied=False) & ~Exists(with_all)
    return changes.filter(Q(kind=Kind.DISCONNECTED) | alone)


def _came(app: MetaApp) -> QuerySet[OnboardingAttempt]:
    return OnboardingAttempt.objects.filter(
        meta_app=app,
        business=OuterRef("installation__business"),
        outcome=OnboardingAttempt.Outcome.SUCCEEDED,
        started_at__lt=OuterRef("occurred_at"),
    ).order_by("-pk")


def _installed() -> QuerySet[Any, Any]:
    installs = Change.objects.filter(
        installation=OuterRef("installation"),
        kind__in=(Kind.INSTALLED, Kind.CONNECTED),
        occurred_at__lt=OuterRef("occurred_at"),
    )
    return installs.order_by("-pk").values("occurred_at")[:1]


def _notices(app: MetaApp) -> QuerySet[DeliveredNotice]:
    rows = about_installs(app).filter(
        # True is more than False: of a whole connection only what says so tells.
        says_uninstall__gte=OuterRef("is_whole"),
        installation=OuterRef("installation"),
        delivery__received_at__gte=OuterRef("occurred_at") - PATIENCE,
        delivery__received_at__gt=OuterRef("installed_at"),
    )
    return rows.order_by("-says_uninstall", "pk")
