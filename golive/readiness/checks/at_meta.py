"""Checks of what Meta says about the app: its secret, its subscriptions, its permissions, and its Graph version."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.timezone import localdate

from features.activation.page_subscriptions import FIELDS
from features.graph import assets_for
from features.models import AccessToken, Feature, Installation
from golive.readiness.checks.agreeing import MOST_NAMED, best_token
from golive.readiness.checks.callback import callback_url
from golive.readiness.ground import Ground, Paused
from golive.readiness.results import Result, green, red, unknown
from mbe.assets import TokenFacts
from mbe.catalog import BASE_SCOPE, FEATURE_TYPES
from mbe.errors import DeadToken, GraphError, NotVisible, PermissionMissing, Refused
from mbe.subscriptions import Subscription
from mbe.versions import version_named
from onboarding.models import OnboardingAttempt
from partners.models import MetaApp
from partners.tenancy import tenant

# As many tokens as one batch asks about.
MOST_LOOKED_AT = 50
ENDS_SOON_DAYS = 30
INSTALL_FIELD = "fbe_install"


def app_token(ground: Ground, _: str) -> Result:
    """Whether Meta accepts the app's id with its secret."""
    try:
        told = ground.subscriptions
    except (DeadToken, NotVisible, PermissionMissing, Refused) as error:
        return red("secret", said=str(error)[:300])
    return green(app_id=ground.app.app_id, subscriptions=len(told.subscriptions))


def subscribed_fields(ground: Ground, _: str) -> Result:
    """Whether installs come to our callback, and what the app's features need of Pages as well."""
    ours = callback_url(ground.app)
    wanted = {"user": {INSTALL_FIELD}, "page": _page_fields(ground.app)}
    for name, fields in wanted.items():
        found = ground.subscriptions.of(name)
        problem = _problem(found, ours, fields) if fields else ""
        if problem:
            missing = sorted(fields - set(found.fields if found else ()))
            at = found.callback_url if found and problem == "foreign_callback" else ""
            return red(problem, object=name, missing_fields=missing[:MOST_NAMED], callback_at_meta=at, callback=ours)
    return green(callback=ours, fields=[f"{name}: {len(fields)}" for name, fields in wanted.items() if fields])


def graph_version(ground: Ground, _: str) -> Result:
    """Whether the Graph version is alive, for how long, and is the one that Meta answers in."""
    version, known = settings.META_GRAPH_VERSION, version_named(settings.META_GRAPH_VERSION)
    if known is None:
        return unknown("unknown_version", version=version)
    ends_on, today = known.ends_on, localdate()
    seen = {"version": version, "ends_on": ends_on.isoformat() if ends_on else "", "answered": _answered(ground)}
    if ends_on and (ends_on - today).days <= ENDS_SOON_DAYS:
        return red("version_ends", **seen)
    if seen["answered"] not in ("", version):
        return red("other_version", **seen)
    return green(**seen)


def permissions(ground: Ground, _: str) -> Result:
    """Whether the newest connected businesses granted all that their way in asks for."""
    held = _held(ground.app)
    if not held:
        return red("try_install")
    ground.may_ask()
    try:
        answers = assets_for(ground.app).token_facts_batch([each.token.secret for each in held])
    except GraphError as error:
        ground.heed(error)
        raise
    asked = [(each, answer) for each, answer in zip(held, answers, strict=True) if isinstance(answer, TokenFacts)]
    living = [(each, facts) for each, facts in asked if facts.is_valid]
    missing = [f"{each.name}: {', '.join(lack)}" for each, facts in living if (lack := each.lack(facts.scopes))]
    if missing:
        return red("permissions", looked_at=len(living), missing_permissions=missing[:MOST_NAMED])
    return green(looked_at=len(living)) if living else red("no_living_token", looked_at=len(held))


@dataclass(frozen=True)
class _Held:
    name: str
    token: AccessToken
    needed: frozenset[str]

    def lack(self, granted: tuple[str, ...]) -> list[str]:
        return sorted(self.needed - set(granted))


def _held(app: MetaApp) -> list[_Held]:
    with tenant(app.partner_id):
        rows = Installation.objects.filter(
            partner=app.partner_id, meta_app=app, state=Installation.State.CONNECTED
        ).select_related("business")
        newest = list(rows.order_by("-pk")[:MOST_LOOKED_AT])
        tokens = [(each, best_token(each)) for each in newest]
        return [
            _Held(each.business.external_business_id, token, _needed(app, each))
            for each, token in tokens
            if token is not None
        ]


def _needed(app: MetaApp, installation: Installation) -> frozenset[str]:
    attempts = OnboardingAttempt.objects.filter(
        business=installation.business_id, meta_app=app, outcome=OnboardingAttempt.Outcome.SUCCEEDED
    )
    attempt = attempts.select_related("entry_point__meta_app").order_by("-pk").first()
    if attempt is not None:
        return frozenset(attempt.entry_point.scopes)
    types = Feature.objects.filter(installation=installation, removed_at=None).values_list("feature_type", flat=True)
    return frozenset({BASE_SCOPE} | {scope for name in types if name in FEATURE_TYPES for scope in _scopes(name)})


def _scopes(feature_type: str) -> tuple[str, ...]:
    return tuple(FEATURE_TYPES[feature_type].scopes)


def _page_fields(app: MetaApp) -> set[str]:
    return {field for name in app.features for field in FIELDS.get(name, ())}


def _problem(found: Subscription | None, ours: str, fields: set[str]) -> str:
    if found is None:
        return "not_subscribed"
    if found.callback_url != ours:
        return "foreign_callback"
    if not found.is_active:
        return "inactive"
    return "missing_fields" if fields - set(found.fields) else ""


def _answered(ground: Ground) -> str:
    """The version that Meta named; empty where it cannot be asked, which other checks tell."""
    try:
        return ground.subscriptions.version
    except (GraphError, Paused):
        return ""
