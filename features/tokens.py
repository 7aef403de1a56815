"""The access tokens of installations: kept apart by kind, tried in order, buried when dead."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Window
from django.db.models.functions import Now, RowNumber
from django.utils import timezone

from features.models import AccessToken, Installation
from mbe.asset_answers import TokenFacts
from mbe.errors import DeadToken, GraphError
from mbe.graph import Token
from partners.encryption import seal
from partners.tenancy import tenant

KEPT_OF_A_KIND = 3


@dataclass(frozen=True)
class ReceivedToken:
    """A token that came for an installation."""

    installation: Installation
    secret: str = field(repr=False)
    kind: AccessToken.Kind = AccessToken.Kind.LOGIN
    expires_at: datetime | None = None
    scopes: Sequence[str] = ()
    scopes_are_granted: bool = False
    received_at: datetime = field(default_factory=timezone.now)
    is_imported: bool = False


def received(
    installation: Installation, token: Token, kind: AccessToken.Kind, scopes: Sequence[str] = ()
) -> ReceivedToken:
    """What Meta's token endpoint answered, as a token of this installation, asked for with these scopes."""
    expires_at = None if token.expires_in is None else timezone.now() + timedelta(seconds=token.expires_in)
    return ReceivedToken(installation, token.access_token, kind, expires_at, scopes)


def keep(tokens: Iterable[ReceivedToken]) -> None:
    """Store tokens, encrypted; one that is known already stays as it is, a dead one dead.

    One that a file brought counts as Meta's own as soon as Meta sends it, too. Of each kind an installation keeps a
    few, living ones before dead ones and newer ones before older: the others would only be more to lose.
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
                is_imported=each.is_imported,
                expires_at=each.expires_at,
                scopes=list(each.scopes),
                scopes_are_granted=each.scopes_are_granted,
            )
            for each in tokens
        ],
        ignore_conflicts=True,
    )
    of_these = AccessToken.objects.filter(installation__in={row.installation_id for row in rows})
    from_meta = {row.fingerprint for row in rows if not row.is_imported}
    of_these.filter(fingerprint__in=from_meta, is_imported=True).update(is_imported=False)
    best_first = Window(
        RowNumber(),
        partition_by=[F("installation"), F("kind")],
        order_by=[F("dead_at").desc(nulls_first=True), F("received_at").desc(), F("pk").desc()],
    )
    surplus = of_these.annotate(place=best_first).filter(place__gt=KEPT_OF_A_KIND)
    AccessToken.objects.filter(pk__in=list(surplus.values_list("pk", flat=True))).delete()


def bury(token: AccessToken, error: GraphError) -> None:
    """Never use this token again, for whichever installation of the partner it came."""
    with tenant(token.partner_id):
        AccessToken.objects.filter(partner_id=token.partner_id, fingerprint=token.fingerprint, dead_at=None).update(
            dead_at=Now(), dead_reason=str(error)[:500], dead_subcode=error.subcode
        )


def dead_by(facts: TokenFacts) -> DeadToken:
    """What Meta says of a token that it calls not valid, as the error that a call with it would be answered."""
    return DeadToken(facts.error or "Meta says that the token is not valid", subcode=facts.subcode)


def fingerprint(secret: str) -> str:
    """By what a token is known without being shown."""
    return hashlib.sha256(secret.encode()).hexdigest()
