"""Checks of what reached the endpoint: Meta's verification, and a webhook after each install and uninstall."""

from datetime import timedelta

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils.timezone import now

from features.models import Cause, Change, Installation
from golive.readiness.ground import Ground
from golive.readiness.results import Result, green, red, unknown
from onboarding.models import OnboardingAttempt
from partners.models import MetaApp
from partners.tenancy import tenant
from webhooks.models import DeliveredNotice, Handshake, RefusedCount

# Meta may take a while; only after it does a missing webhook count as missing.
PATIENCE = timedelta(minutes=5)


def handshake(ground: Ground, _: str) -> Result:
    """Whether the endpoint has answered Meta's verification."""
    app = ground.app
    with tenant(app.partner_id):
        row = Handshake.objects.filter(meta_app=app).first()
        refusals = RefusedCount.objects.filter(meta_app=app, reason="verify token")
        refused_at = refusals.aggregate(at=Max("last_at"))["at"]
    if row is not None:
        return green(verified_at=row.last_at)
    return red("verify_token", refused_at=refused_at) if refused_at else red("enter_callback")


def after_install(ground: Ground, way_in: str) -> Result:
    """Whether a webhook came after the newest install by this way."""
    app = ground.app
    with tenant(app.partner_id):
        attempt = _succeeded(app, way_in).select_related("business").order_by("-pk").first()
        if attempt is None:
            return red("try_install")
        notices = about_installs(app).filter(installation__business=attempt.business, says_uninstall=False)
        notice = notices.filter(delivery__received_at__gte=attempt.started_at).order_by("pk").first()
    seen = {"business": attempt.business.external_business_id, "installed_at": attempt.returned_at}
    if notice is not None:
        return green(**seen, received_at=notice.delivery.received_at, delivery=notice.delivery_id)
    if attempt.returned_at and attempt.returned_at > now() - PATIENCE:
        return unknown("wait", **seen)
    return red("no_notice", **seen)


def after_uninstall(ground: Ground, way_in: str) -> Result:
    """Whether a webhook came after the newest uninstall of a business that came by this way."""
    app = ground.app
    by_this_way = Exists(_succeeded(app, way_in).filter(business=OuterRef("installation__business")))
    with tenant(app.partner_id):
        notices = about_installs(app).filter(by_this_way, says_uninstall=True)
        notice = notices.select_related("installation__business").order_by("-pk").first()
        unnoticed = Change.objects.filter(
            by_this_way,
            partner=app.partner_id,
            installation__meta_app=app,
            kind=Change.Kind.DISCONNECTED,
            cause=Cause.RECONCILE,
        )
        change = unnoticed.select_related("installation__business").order_by("-pk").first()
    received_at = notice.delivery.received_at if notice else None
    if change is not None and (received_at is None or received_at < change.occurred_at):
        return red("no_uninstall_notice", business=_name(change.installation), found_at=change.occurred_at)
    if notice is None:
        return red("try_uninstall")
    return green(business=_name(notice.installation), received_at=received_at, delivery=notice.delivery_id)


def about_installs(app: MetaApp) -> QuerySet[DeliveredNotice]:
    """The app's notices that made the portal look at a business, without those of the second channel."""
    rows = DeliveredNotice.objects.filter(
        partner=app.partner_id, meta_app=app, installation__meta_app=app, outcome=DeliveredNotice.Outcome.HINTED
    )
    return rows.exclude(field__startswith="business_integration").select_related("delivery")


def _succeeded(app: MetaApp, way_in: str) -> QuerySet[OnboardingAttempt]:
    return OnboardingAttempt.objects.filter(
        partner=app.partner_id, meta_app=app, way_in=way_in, outcome=OnboardingAttempt.Outcome.SUCCEEDED
    )


def _name(installation: Installation | None) -> str:
    return installation.business.external_business_id if installation else ""
