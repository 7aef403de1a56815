"""Checks of what reached the endpoint: Meta's verification, and a webhook after each install and each uninstall."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Exists, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from features.models import Cause, Change
from golive.readiness.checks.telling import PATIENCE, about_installs
from golive.readiness.checks.uninstalls import notice_of, went_from
from golive.readiness.ground import Ground
from golive.readiness.results import Result, green, red, unknown
from golive.readiness.steps import Step
from onboarding.models import OnboardingAttempt
from partners.models import MetaApp
from partners.tenancy import tenant
from webhooks.models import Handshake, RefusedCount

Outcome = OnboardingAttempt.Outcome
WayIn = OnboardingAttempt.WayIn
# Of the ends of one way in, those that a webhook may still tell of among them.
_MOST_LOOKED_AT = 20
# By then every business was looked at once more; what is found later came by itself.
_NEXT_LOOK = 2 * timedelta(seconds=settings.RECONCILE_SECONDS)


def handshake(ground: Ground, _: str) -> Result:
    """Whether the endpoint has answered Meta's verification with the verify token that is kept now.

    A wrong token that came later is evidence, and takes nothing back: anybody may send one.
    """
    app = ground.app
    with tenant(app.partner_id):
        row = Handshake.objects.filter(meta_app=app).first()
        refusals = RefusedCount.objects.filter(meta_app=app, reason="verify token")
        refused_at = refusals.aggregate(at=Max("last_at"))["at"]
    if row is None:
        return red(Step.VERIFY_TOKEN, refused_at=refused_at) if refused_at else red(Step.ENTER_CALLBACK)
    seen = {"verified_at": row.last_at, "refused_at": refused_at if refused_at and refused_at > row.last_at else None}
    return green(**seen) if row.was_with(app.verify_token) else red(Step.VERIFY_TOKEN, **seen)


def after_install(ground: Ground, way_in: str) -> Result:
    """Whether a webhook came after the newest install by this way; one that may still come is not waited for."""
    app = ground.app
    with tenant(app.partner_id):
        attempts, installs = _attempts(app, way_in), installs_by(app, way_in)
        decided = installs.filter(Q(noticed_by__isnull=False) | Q(came_at__lte=now() - PATIENCE))
        # With columns that are computed, which the model does not declare.
        attempt: Any = decided.select_related("business").order_by("-pk").first()
        if attempt is None:
            return _no_install(attempts, installs, way_in)
        notice = about_installs(app).filter(pk=attempt.noticed_by).first()
    seen = {"business": attempt.business.external_business_id, "installed_at": attempt.came_at}
    if notice is None:
        return red(Step.NO_INSTALL_NOTICE, **seen)
    return green(**seen, received_at=notice.delivery.received_at, delivery=notice.delivery_id)


def after_uninstall(ground: Ground, way_in: str) -> Result:
    """Whether a webhook came when a feature, or all, went last from a business that had come by this way."""
    app = ground.app
    with tenant(app.partner_id):
        change: Any = None
        notice = None
        for change in went_from(app, way_in)[:_MOST_LOOKED_AT]:
            notice = notice_of(app, change)
            if notice is not None or change.occurred_at <= now() - PATIENCE:
                break
        else:
            return unknown(Step.WAIT) if change else red(Step.UNINSTALL)
    seen = {"business": change.installation.business.external_business_id, "found_at": change.occurred_at}
    if notice is None:
        return red(Step.NO_UNINSTALL_NOTICE, **seen)
    return green(**seen, received_at=notice.delivery.received_at, delivery=notice.delivery_id)


def installs_by(app: MetaApp, way_in: str) -> QuerySet[OnboardingAttempt]:
    """Attempts that ended in an install: those that succeeded, and those of which only the next look at Meta told.

    Call it inside `tenant`. `noticed_by` is the first notice after the start and not long after the merchant can have
    been at Meta: a later one tells of something else.
    """
    found = Change.objects.filter(
        installation__meta_app=app,
        installation__business=OuterRef("business"),
        kind=Change.Kind.INSTALLED,
        cause__in=(Cause.RECONCILE, Cause.STAFF),
        occurred_at__gt=OuterRef("started_at"),
        occurred_at__lte=OuterRef("expires_at") + _NEXT_LOOK,
    )
    open_ended = Q(outcome__in=(Outcome.STARTED, Outcome.EXPIRED))
    notices = about_installs(app).filter(
        installation__business=OuterRef("business"),
        says_uninstall=False,
        delivery__received_at__gte=OuterRef("started_at"),
        delivery__received_at__lte=OuterRef("left_at") + PATIENCE,
    )
    installs = _attempts(app, way_in).filter(Q(outcome=Outcome.SUCCEEDED) | (open_ended & Exists(found)))
    return installs.annotate(
        came_at=Coalesce("returned_at", "started_at"),
        left_at=Case(When(open_ended, then="expires_at"), default="came_at"),
        noticed_by=Subquery(notices.order_by("pk").values("pk")[:1]),
    )


def _attempts(app: MetaApp, way_in: str) -> QuerySet[OnboardingAttempt]:
    return OnboardingAttempt.objects.filter(partner=app.partner_id, meta_app=app, way_in=way_in)


def _no_install(attempts: QuerySet[OnboardingAttempt], installs: QuerySet[OnboardingAttempt], way_in: str) -> Result:
    """Why there is no install to look at. Of a merchant who started at Meta only a webhook tells how it ended."""
    if installs.exists():
        return unknown(Step.WAIT)
    if way_in == WayIn.BUSINESS_APP:
        is_open = attempts.filter(outcome=Outcome.STARTED, expires_at__gt=now())
        if last := is_open.select_related("business").order_by("-expires_at").first():
            seen = {"business": last.business.external_business_id, "started_at": last.started_at}
            return unknown(Step.AT_META, **seen, waits_until_at=last.expires_at)
        return red(Step.NOTHING_CAME if attempts.exists() else Step.INSTALL_FROM_META)
    return red(Step.INSTALL)
