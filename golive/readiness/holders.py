"""The newest connected businesses of an app, the token that calls prefer, and what Meta says of it (meta-api, 5.4)."""

from dataclasses import dataclass

from features.graph import assets_for
from features.models import AccessToken, Feature, Installation
from features.token_facts import facts_of
from features.tokens import alive_tokens_of
from mbe.assets import TokenFacts
from mbe.catalog import BASE_SCOPE, FEATURE_TYPES
from mbe.errors import GraphError
from onboarding.models import EntryPoint
from onboarding.standing import standing_attempts
from partners.models import MetaApp
from partners.tenancy import tenant

# Where Meta refuses a batch, each is a call of its own.
MOST_LOOKED_AT = 20
CONNECTED = (Installation.State.CONNECTED, Installation.State.RECONNECT)


@dataclass(frozen=True)
class Holder:
    """A business with its living token, None where all are dead; `needed` is what it has to have granted."""

    installation: Installation
    token: AccessToken | None
    needed: frozenset[str]

    @property
    def name(self) -> str:
        """The partner's id of the business."""
        return self.installation.business.external_business_id


def holders_of(app: MetaApp) -> list[Holder]:
    """The newest businesses that are connected, or were and have to reconnect."""
    with tenant(app.partner_id):
        rows = Installation.objects.filter(partner=app.partner_id, meta_app=app, state__in=CONNECTED)
        newest = rows.select_related("business").order_by("-pk")[:MOST_LOOKED_AT]
        return [Holder(each, best_token(each), _needed(app, each)) for each in newest]


def best_token(installation: Installation) -> AccessToken | None:
    """The living token that calls prefer; call it inside `tenant`."""
    return next(iter(alive_tokens_of(installation.pk)), None)


def told_of(app: MetaApp, holders: list[Holder]) -> dict[int, TokenFacts]:
    """Ask about the living tokens, in one batch where Meta takes one; by installation.

    A token of which Meta says nothing is left out. Raises GraphError where it says nothing of any.
    """
    pairs = [(each.installation.pk, each.token.secret) for each in holders if each.token is not None]
    answers = facts_of(assets_for(app), [secret for _, secret in pairs])
    told = {pk: answer for (pk, _), answer in zip(pairs, answers, strict=True) if isinstance(answer, TokenFacts)}
    if not told:
        for answer in answers:
            if isinstance(answer, GraphError):
                raise answer
    return told


def _needed(app: MetaApp, installation: Installation) -> frozenset[str]:
    """What all its ways in since it was disconnected last asked for, and what its features need."""
    attempts = standing_attempts(installation.business_id).filter(meta_app=app)
    ways = EntryPoint.objects.filter(pk__in=attempts.values("entry_point")).select_related("meta_app")
    types = Feature.objects.filter(installation=installation, removed_at=None).values_list("feature_type", flat=True)
    known = (FEATURE_TYPES[name].scopes for name in types if name in FEATURE_TYPES)
    return frozenset({BASE_SCOPE}.union(*(each.scopes for each in ways), *known))
