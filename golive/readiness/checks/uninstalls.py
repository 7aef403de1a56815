"""What went from businesses, by which way each had come, and whether a webhook told of it."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Least

from features.models import Change
from golive.readiness.checks.telling import PATIENCE, about_installs, listed_in
from onboarding.models import OnboardingAttempt
from partners.models import MetaApp
from webhooks.models import DeliveredNotice

Kind = Change.Kind
# Of the notices between two installs of a business; each is opened.
_MOST_READ = 20


def went_from(app: MetaApp, way_in: str) -> QuerySet[Any]:
    """The ends of features and connections of businesses that had come by this way last, newest first.

    What v2 only implied ends without a webhook, and a connection's own features with it. `installed_at` is when
    something had come to the business last, `returns_at` when a merchant started or something came again.
    """
    changes = _ends(app).annotate(
        came_by=Subquery(_came(app).values("way_in")[:1]),
        installed_at=Subquery(_installs(occurred_at__lt=OuterRef("occurred_at")).order_by("-pk")[:1]),
        returns_at=Least(
            Subquery(_installs(occurred_at__gt=OuterRef("occurred_at")).order_by("pk")[:1]),
            Subquery(_starts(app).order_by("pk")[:1]),
        ),
    )
    return changes.filter(came_by=way_in).select_related("installation__business", "feature").order_by("-pk")


def notice_of(app: MetaApp, change: Any) -> DeliveredNotice | None:
    """The notice that told of one of `went_from`, None where none did.

    It came after the last install; how long before the end was found says nothing, for the worker may have been late.
    """
    until = min(filter(None, (change.occurred_at + PATIENCE, change.returns_at)))
    rows = about_installs(app).filter(
        installation=change.installation_id,
        delivery__received_at__gt=change.installed_at or change.installation.created_at,
        delivery__received_at__lte=until,
    )
    newest = rows.order_by("-says_uninstall", "-pk")[:_MOST_READ]
    return next((each for each in newest if _tells(each, change)), None)


def _tells(notice: DeliveredNotice, change: Change) -> bool:
    """Whether it says that all is gone or, of a part, lists what is left without it."""
    listed = listed_in(notice)
    if listed is None:
        return notice.says_uninstall
    return not listed if change.feature is None else change.feature.feature_instance_id not in listed


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


def _starts(app: MetaApp) -> QuerySet[Any, Any]:
    attempts = OnboardingAttempt.objects.filter(
        meta_app=app, business=OuterRef("installation__business"), started_at__gt=OuterRef("occurred_at")
    )
    return attempts.values("started_at")


def _installs(**when: Any) -> QuerySet[Any, Any]:
    installs = Change.objects.filter(
        installation=OuterRef("installation"), kind__in=(Kind.INSTALLED, Kind.CONNECTED), **when
    )
    return installs.values("occurred_at")
