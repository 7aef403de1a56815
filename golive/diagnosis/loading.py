"""Reading a case with a fixed number of statements. Call these inside the door of the business's partner."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from features.configuration.models import Push, Wanted
from features.management_view import management_url
from features.models import AccessToken, Change, Feature, Installation
from features.tokens import PREFERRED
from features.uninstalling.models import Uninstall
from golive.diagnosis.case import Case
from golive.diagnosis.failed_webhooks import failed_webhooks
from onboarding.models import ArmOverride, EntryPoint, LaunchLink, OnboardingAttempt, Showing
from onboarding.standing import standing_attempts
from onboarding.trials import hidden_from
from partners.encryption import UnknownKey
from partners.models import Business, MetaApp
from webhooks.models import DeliveredNotice, Delivery, RefusedCount

REFUSALS_COUNT_FOR = timedelta(days=7)
MOST_LINKS = 20
TURNS = (Change.Kind.CONNECTED, Change.Kind.RECONNECT, Change.Kind.DISCONNECTED)


def apps_of(business: Business) -> list[MetaApp]:
    """The apps that the business is or tried to be on; else those with a button for it; else all of its partner.

    Live apps come first. A test app on which the business has only tried a button does not make it a tester's: then
    the live apps are there as if it had not (`onboarding.trials`).
    """
    apps = list(MetaApp.objects.filter(partner_id=business.partner_id).order_by("is_test", "pk"))
    waiting = set(_unknown(apps, business).values_list("meta_app_id", flat=True))
    used = {
        *Installation.objects.filter(business=business).values_list("meta_app_id", flat=True),
        *OnboardingAttempt.objects.filter(business=business).values_list("meta_app_id", flat=True),
        *waiting,
    }
    hidden = hidden_from(business) - waiting
    offered = [each for each in apps if each.pk not in hidden]
    if any(each.pk in used for each in offered):
        return [each for each in apps if each.pk in used]
    buttons = EntryPoint.objects.filter(meta_app__in=offered, is_active=True).values_list("meta_app_id", "vertical")
    meant = {app for app, vertical in buttons if business.serves(vertical)} or {each.pk for each in offered}
    return [each for each in apps if each.pk in meant | used]


def load(app: MetaApp, business: Business) -> Case:
    """Read the case; the number of statements does not depend on how much there is."""
    rows = Installation.objects.filter(meta_app=app, business=business)
    installation = rows.select_related("meta_app", "business").first()
    attempts = OnboardingAttempt.objects.filter(meta_app=app, business=business).select_related("entry_point")
    succeeded = attempts.filter(outcome=OnboardingAttempt.Outcome.SUCCEEDED)
    arms = ArmOverride.objects.filter(business=business, entry_point__meta_app=app)
    shown = Showing.objects.filter(business=business, entry_point__meta_app=app)
    tokens = list(AccessToken.objects.filter(installation=installation).order_by(*PREFERRED))
    tokens.sort(key=lambda each: not each.is_readable)
    features = _features(installation)
    return Case(
        app=app,
        business=business,
        at=timezone.now(),
        is_secret_readable=_is_secret_readable(app),
        installation=installation,
        links=_links(app, business),
        entry_points=list(EntryPoint.objects.filter(meta_app=app).select_related("meta_app").order_by("pk")),
        arms=dict(arms.values_list("entry_point_id", "use_minimal_onboarding")),
        shown=shown.order_by("first_at").first(),
        attempt=attempts.order_by("-pk").first(),
        succeeded=succeeded.order_by("-pk").first(),
        came_through=_came_through(app, business),
        tokens=tokens,
        notice=_with_delivery(DeliveredNotice.objects.filter(installation=installation)) if installation else None,
        waiting_notice=_with_delivery(_unknown([app], business)),
        failed=failed_webhooks(app, business, installation, features),
        refused=_refused(app),
        features=features,
        pushes=_pushes(features),
        turn=Change.objects.filter(installation=installation, kind__in=TURNS).order_by("-pk").first(),
        uninstall=_open_uninstalls(installation).first(),
        taken_away=_taken_away(installation),
        management_url=management_url(installation) if installation else "",
    )


def _came_through(app: MetaApp, business: Business) -> list[tuple[str, str]]:
    """Each once, so that there are no more than buttons differ."""
    attempts = standing_attempts(business.pk).filter(meta_app=app)
    buttons = attempts.values_list("entry_point__vertical", "entry_point__intent")
    return list(buttons.order_by("entry_point__vertical", "entry_point__intent").distinct())


def _links(app: MetaApp, business: Business) -> list[LaunchLink]:
    """Those that open a button of the app; one for every button opens a test app's only for businesses of its own."""
    of_app = Q(entry_point__meta_app=app)
    if app.pk not in hidden_from(business):
        of_app |= Q(entry_point=None)
    rows = LaunchLink.objects.filter(of_app, business=business)
    return list(rows.order_by(F("revoked_at").desc(nulls_first=True), "-expires_at")[:MOST_LINKS])


def _open_uninstalls(installation: Installation | None) -> QuerySet[Uninstall]:
    return Uninstall.objects.filter(installation=installation, feature=None, state__in=Uninstall.OPEN)


def _taken_away(installation: Installation | None) -> dict[int, Uninstall]:
    """The newest uninstall of each feature that staff still want off for it."""
    is_off = Q(feature__is_enabled=False) | Q(feature__removed_at__isnull=False)
    gone = Uninstall.objects.filter(is_off, installation=installation, state=Uninstall.State.GONE)
    rows = gone.filter(feature__wanted__origin=Wanted.Origin.UNINSTALL).select_related("feature").order_by("pk")
    return {each.feature_id: each for each in rows if each.feature_id is not None}


def _features(installation: Installation | None) -> list[Feature]:
    related = ("installation__meta_app", "installation__business", "wanted", "activation")
    rows = Feature.objects.filter(installation=installation, removed_at=None).select_related(*related)
    return list(rows.order_by("pk"))


def _pushes(features: Sequence[Feature]) -> dict[int, Push]:
    """The newest push of each feature."""
    newest = Push.objects.filter(feature__in=features).order_by("feature", "-pk").distinct("feature")
    return {each.feature_id: each for each in newest}


def _unknown(apps: Sequence[MetaApp], business: Business) -> QuerySet[DeliveredNotice]:
    """The notices about the business that came when it was not known, and wait to be adopted."""
    return DeliveredNotice.objects.filter(
        meta_app__in=apps,
        external_business_id=business.external_business_id,
        outcome=DeliveredNotice.Outcome.UNKNOWN_BUSINESS,
    )


def _with_delivery(notices: QuerySet[DeliveredNotice]) -> DeliveredNotice | None:
    return notices.select_related("delivery").defer("delivery__sealed_body").order_by("-pk").first()


def _deliveries(app: MetaApp) -> QuerySet[Delivery]:
    return Delivery.objects.filter(partner_id=app.partner_id, meta_app=app).defer("sealed_body")


def _refused(app: MetaApp) -> RefusedCount | None:
    """The newest refusal of a signature; none where a webhook has been accepted since, so that the secret is right."""
    rows = RefusedCount.objects.filter(
        meta_app=app, reason="signature", last_at__gte=timezone.now() - REFUSALS_COUNT_FOR
    )
    accepted_at = _deliveries(app).order_by("-pk").values_list("received_at", flat=True).first()
    return (rows if accepted_at is None else rows.filter(last_at__gt=accepted_at)).order_by("-day").first()


def _is_secret_readable(app: MetaApp) -> bool:
    try:
        return bool(app.secret)
    except UnknownKey:
        return False
