"""The access tokens of installations: kept apart by kind, tried in order, buried when dead."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Window
from django.db.models.functions import Now, RowNumber
from django.utils import timezone

from features.claims import Claim
from features.models import AccessToken, Installation
from mbe.catalog import FEATURE_TYPES
from mbe.errors import GraphError
from mbe.graph import GraphClient, Token
from partners.encryption import seal
from partners.tenancy import tenant

logger = logging.getLogger(__name__)

KEPT_OF_A_KIND = 3


@dataclass(frozen=True)
class ReceivedToken:
    """A token that came for an installation."""

    installation: Installation
    secret: str = field(repr=False)
    kind: AccessToken.Kind = AccessToken.Kind.LOGIN
    expires_at: datetime | None = None
    scopes: Sequence[str] = ()
    received_at: datetime = field(default_factory=timezone.now)


def received(
    installation: Installation, token: Token, kind: AccessToken.Kind, scopes: Sequence[str] = ()
) -> ReceivedToken:
    """What Meta's token endpoint answered, as a token of this installation, asked for with these scopes."""
    expires_at = None if token.expires_in is None else timezone.now() + timedelta(seconds=token.expires_in)
    return ReceivedToken(installation, token.access_token, kind, expires_at, scopes)


def keep(tokens: Iterable[ReceivedToken]) -> None:
    """Store tokens, encrypted; one that is known already stays as it is, a dead one dead.

    Of each kind an installation keeps a few, living ones before dead ones and newer ones before older: the others would
    only be more to lose.
    """
    rows = AccessToken.objects.bulk_create(
        [
            AccessToken(
                partner_id=each.installation.partner_id,
                installation=each.installation,
                kind=each.kind,
                sealed=seal(each.secret),
                fingerprint=fingerprint(each.secret),
                received_at=each.received_at,
                expires_at=each.expires_at,
                scopes=list(each.scopes),
            )
            for each in tokens
        ],
        ignore_conflicts=True,
    )
    best_first = Window(
        RowNumber(),
        partition_by=[F("installation"), F("kind")],
        order_by=[F("dead_at").desc(nulls_first=True), F("received_at").desc(), F("pk").desc()],
    )
    of_these = AccessToken.objects.filter(installation__in={row.installation_id for row in rows})
    surplus = of_these.annotate(place=best_first).filter(place__gt=KEPT_OF_A_KIND)
    AccessToken.objects.filter(pk__in=list(surplus.values_list("pk", flat=True))).delete()


def bury(token: AccessToken, error: GraphError) -> None:
    """Never use this token again, for whichever installation of the partner it came."""
    with tenant(token.partner_id):
        AccessToken.objects.filter(partner_id=token.partner_id, fingerprint=token.fingerprint, dead_at=None).update(
            dead_at=Now(), dead_reason=str(error)[:500]
        )


def gain_system_user_token(
    claim: Claim, client: GraphClient, business_manager_id: str, feature_types: set[str]
) -> None:
    """Exchange a login token, once, for a system user's, where Meta grants one (meta-api §5.1)."""
    login = next((token for token in claim.tokens if token.dead_at is None), None)
    if login is None or login.kind != AccessToken.Kind.LOGIN or login.exchange_tried_at or not business_manager_id:
        return
    scopes = login.scopes or _scopes(feature_types)
    untried = AccessToken.objects.filter(pk=login.pk, exchange_tried_at=None)
    with tenant(login.partner_id):
        if not untried.update(exchange_tried_at=Now()):
            return
    try:
        token = client.system_user_token(
            business_manager_id,
            login.secret,
            scopes=scopes,
            external_business_id=claim.installation.business.external_business_id,
        )
    except GraphError as error:
        logger.info("no system user token for installation %s: %s", claim.installation.pk, error)
        if error.is_retryable:
            with tenant(login.partner_id):
                AccessToken.objects.filter(pk=login.pk).update(exchange_tried_at=None)
        return
    with tenant(login.partner_id):
        keep([received(claim.installation, token, AccessToken.Kind.SYSTEM_USER, scopes)])


def _scopes(feature_types: set[str]) -> list[str]:
    """What the installed features need: for a login whose scopes we never knew, since its token came by webhook."""
    needed = {scope for name in feature_types if name in FEATURE_TYPES for scope in FEATURE_TYPES[name].scopes}
    return ["manage_business_extension", *sorted(needed)]


def fingerprint(secret: str) -> str:
    """By what a token is known without being shown."""
    return hashlib.sha256(secret.encode()).hexdigest()
