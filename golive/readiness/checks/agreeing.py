"""The check that webhook, installs API, feature configuration and the portal's records say the same (mbe-v3, 10)."""

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


@dataclass(frozen=True)
class _Chosen:
    notice: DeliveredNotice
    installation: Installation
    token: AccessToken
    recorded: frozenset[str]


def agree(ground: Ground, _: str) -> Result:
    """Compare what the four say of the connected v3 business that Meta told about last."""
    chosen = _choose(ground.app)
    if chosen is None:
        return unknown(Step.STILL_V2)
    if chosen.installation.is_syncing:
        raise CannotTell(Problem.SYNCING, Step.WAIT)
    installs, configuration = _ask(ground, chosen)
    if installs.features is None:
        return unknown(Step.STILL_V2)
    installed = frozenset(each.feature_instance_id for each in installs.features)
    differing = {
        "not_as_in_webhook": installed ^ listed_in(chosen.notice),
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


def _choose(app: MetaApp) -> _Chosen | None:
    """The newest notice of a v3 business that can be asked about; None where only v2 ones are connected."""
    with tenant(app.partner_id):
        businesses = Installation.objects.filter(partner=app.partner_id, meta_app=app, state__in=CONNECTED)
        if not businesses.exists():
            raise CannotTell(Problem.NO_BUSINESS, Step.INSTALL)
        of_v3 = businesses.filter(mbe_version=MbeVersion.V3)
        if not of_v3.exists():
            return None
        living = AccessToken.objects.filter(dead_at=None, installation__in=of_v3).values("installation")
        rows = about_installs(app).filter(installation__in=living).select_related("delivery", "installation__business")
        notice = _newest(rows.order_by("-pk"))
        token = best_token(notice.installation) if notice and notice.installation else None
        if notice is None or notice.installation is None or token is None:
            raise CannotTell(Problem.NO_NOTICE if living.exists() else Problem.NO_LIVING_TOKEN, Step.INSTALL)
        features = Feature.objects.filter(installation=notice.installation, removed_at=None, is_implied=False)
        recorded = frozenset(features.values_list("feature_instance_id", flat=True))
    return _Chosen(notice, notice.installation, token, recorded)


def _newest(rows: QuerySet[DeliveredNotice]) -> DeliveredNotice | None:
    """The first that lists what a business has, be it after an install or after the uninstall of a part.

    A business whose last notice says that the whole is gone was not told of since: it has nothing to compare.
    """
    while (notice := rows.first()) and notice.says_uninstall and not listed_in(notice):
        rows = rows.exclude(installation=notice.installation_id)
    return notice


def _ask(ground: Ground, chosen: _Chosen) -> tuple[Installs, BusinessConfiguration]:
    ground.may_ask()
    client, external_id = client_for(ground.app), chosen.installation.business.external_business_id
    try:
        installs = client.installs(external_id, chosen.token.secret)
        return installs, client.feature_configuration(external_id, chosen.token.secret)
    except GraphError as error:
        ground.heed(error, chosen.token)
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
