"""The check that webhook, installs API, feature configuration and the portal's records say the same (mbe-v3, 10)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from features.graph import client_for
from features.models import AccessToken, Feature, Installation, MbeVersion
from golive.readiness.checks.telling import about_installs, listed_in
from golive.readiness.ground import Ground
from golive.readiness.holders import CONNECTED, best_token
from golive.readiness.results import Result, green, red, unknown
from golive.readiness.steps import CannotTell, Problem, Step
from mbe.catalog import FEATURE_TYPES, RECORDED_ONLY
from mbe.errors import GraphError
from mbe.fca import BusinessConfiguration
from mbe.installs import Installs
from partners.models import MetaApp
from partners.tenancy import tenant
from webhooks.models import DeliveredNotice

MOST_NAMED = 10
# Of the app's newest notices.
_MOST_READ = 100


@dataclass(frozen=True)
class _Chosen:
    notice: DeliveredNotice
    listed: frozenset[str]
    installation: Installation
    token: AccessToken
    recorded: frozenset[str]


def agree(ground: Ground, _: str) -> Result:
    """Compare what the four say of the connected v3 business of whose features Meta told last."""
    chosen = _choose(ground.app)
    if chosen is Step.STILL_V2:
        chosen = _look_again(ground)
    if isinstance(chosen, Step):
        return unknown(chosen)
    if chosen.installation.is_syncing:
        raise CannotTell(Problem.SYNCING, Step.WAIT)
    installs, configuration = _ask(ground, chosen)
    if installs.features is None:
        return unknown(Step.STILL_V2)
    installed = frozenset(each.feature_instance_id for each in installs.features)
    differing = {
        "not_as_in_webhook": installed ^ chosen.listed,
        "not_as_in_records": installed ^ chosen.recorded,
        "not_as_in_configuration": _differing(installs, configuration),
    }
    named = {name: sorted(ids)[:MOST_NAMED] for name, ids in differing.items() if ids}
    seen = {
        "business": chosen.installation.business.external_business_id,
        "received_at": chosen.notice.delivery.received_at,
        "delivery": chosen.notice.delivery_id,
        "features": len(installed),
    }
    return red(Step.DISAGREEMENT, **seen, **named) if named else green(**seen)


def _choose(app: MetaApp) -> _Chosen | Step:
    """The newest list of a v3 business that can be asked about; a step where only v2 was seen or told of so far."""
    with tenant(app.partner_id):
        businesses = Installation.objects.filter(partner=app.partner_id, meta_app=app, state__in=CONNECTED)
        if not businesses.exists():
            raise CannotTell(Problem.NO_BUSINESS, Step.INSTALL)
        of_v3 = businesses.filter(mbe_version=MbeVersion.V3)
        if not of_v3.exists():
            return Step.STILL_V2
        living = AccessToken.objects.filter(dead_at=None, installation__in=of_v3).values("installation")
        if not living.exists():
            raise CannotTell(Problem.NO_LIVING_TOKEN, Step.INSTALL)
        return _told_last(about_installs(app).filter(installation__in=living))


def _look_again(ground: Ground) -> Step:
    """Whether Meta still answers in v2 where all was synced in v2: it may have moved the app since."""
    holder = next((each for each in ground.holders if each.token is not None), None)
    if holder is None or holder.token is None:
        return Step.STILL_V2
    installs = _installs(ground, holder.installation, holder.token)
    if not installs.is_installed or installs.features is None:
        return Step.STILL_V2
    ground.have_synced([holder.installation.pk])
    return Step.WAIT


def _told_last(rows: QuerySet[DeliveredNotice]) -> _Chosen | Step:
    """Of the newest notices of businesses the first that has a list, after an install or the uninstall of a part.

    A business whose last notice says that the whole is gone was not told of since: it has nothing to compare. One
    whose last notice has no list, as before the app came to v3, neither.
    """
    is_listless = False
    for notice, installation in _newest(rows):
        listed = listed_in(notice)
        if listed or (listed is not None and not notice.says_uninstall):
            return _chosen(notice, listed, installation)
        is_listless |= listed is None
    if is_listless:
        return Step.NO_V3_NOTICE
    raise CannotTell(Problem.NO_NOTICE, Step.INSTALL)


def _newest(rows: QuerySet[DeliveredNotice]) -> Iterator[tuple[DeliveredNotice, Installation]]:
    """The newest notice of each business, newest first; bodies are read one by one, for each may be large."""
    seen = set()
    newest = rows.select_related("delivery", "installation__business").defer("delivery__sealed_body").order_by("-pk")
    for notice in newest[:_MOST_READ]:
        if notice.installation is not None and notice.installation_id not in seen:
            seen.add(notice.installation_id)
            yield notice, notice.installation


def _chosen(notice: DeliveredNotice, listed: frozenset[str], installation: Installation) -> _Chosen:
    token = best_token(installation)
    if token is None:
        raise CannotTell(Problem.NO_LIVING_TOKEN, Step.INSTALL)
    features = Feature.objects.filter(installation=installation, removed_at=None, is_implied=False)
    return _Chosen(
        notice, listed, installation, token, frozenset(features.values_list("feature_instance_id", flat=True))
    )


def _ask(ground: Ground, chosen: _Chosen) -> tuple[Installs, BusinessConfiguration]:
    installs = _installs(ground, chosen.installation, chosen.token)
    external_id = chosen.installation.business.external_business_id
    try:
        return installs, client_for(ground.app).feature_configuration(external_id, chosen.token.secret)
    except GraphError as error:
        ground.heed(error, chosen.token)
        raise


def _installs(ground: Ground, installation: Installation, token: AccessToken) -> Installs:
    ground.may_ask()
    try:
        return client_for(ground.app).installs(installation.business.external_business_id, token.secret)
    except GraphError as error:
        ground.heed(error, token)
        raise


def _differing(installs: Installs, configuration: BusinessConfiguration) -> frozenset[str]:
    """Instances that only one of the two has, of the types that the configuration is known to list."""
    configured = configuration.by_instance()
    listed = installs.features or ()
    known = {each.feature_instance_id for each in listed if _is_configured(each.feature_type)}
    enabled = {name for name, entry in configured.items() if entry.enabled is not False}
    return frozenset((known - configured.keys()) | (enabled - {each.feature_instance_id for each in listed}))


def _is_configured(feature_type: str) -> bool:
    return feature_type in FEATURE_TYPES and feature_type not in RECORDED_ONLY
