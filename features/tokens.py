"""The access tokens of installations: kept apart by kind, tried in order, buried when dead."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, Q, When, Window
from django.db.models.functions import Greatest, Now, RowNumber
from django.utils import timezone

from features.models import AccessToken, Installation
from features.token_models import LAST_FOR, LONGEST_WORDS
from mbe.asset_answers import TokenFacts
from mbe.errors import DeadToken, GraphError, PermissionMissing
from mbe.graph import Token
from partners.encryption import seal
from partners.tenancy import tenant

KEPT_OF_A_KIND = 3
_LAST_SINCE = Now() - LAST_FOR
_IS_LAST = Q(Q(not_visible_at__gt=_LAST_SINCE), Q(permission_missing_at__gt=_LAST_SINCE), _connector=Q.OR)
_PUT_LAST_AT = Case(When(_IS_LAST, then=Greatest("not_visible_at", "permission_missing_at")))

# When a token came from Meta itself; None for one that only a file brought.
SENT_BY_META_AT = Case(When(is_imported=False, then=F("received_at")), default=F("from_meta_at"))

# As calls try them: last those with which Meta did not tell of the business lately; "system_user" sorts after "login".
# When a file came says nothing of how old its tokens are: of a kind those that Meta itself sent come first.
PREFERRED = (
    _PUT_LAST_AT.asc(nulls_first=True),
    F("kind").desc(),
    SENT_BY_META_AT.desc(nulls_last=True),
    F("received_at").desc(),
)
_IS_OF_A_FILE = Case(When(is_imported=True, from_meta_at=None, then=True), default=False)


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
    dead_because: str = ""
    dead_subcode: int | None = None


def received(
    installation: Installation, token: Token, kind: AccessToken.Kind, scopes: Sequence[str] = ()
) -> ReceivedToken:
    """What Meta's token endpoint answered, as a token of this installation, asked for with these scopes."""
    expires_at = None if token.expires_in is None else timezone.now() + timedelta(seconds=token.expires_in)
    return ReceivedToken(installation, token.access_token, kind, expires_at, scopes)


def keep(tokens: Iterable[ReceivedToken]) -> None:
    """Store tokens, encrypted; one that is known already stays as it is, a dead one dead.

    Of one that a file brought it is noted when Meta sends it, too. Of each kind an installation keeps a few, living
    ones before dead ones, those that show the business before others, newer ones before older: the rest would only be
    more to lose. Those that only files brought are counted by themselves, for they push out none of Meta's.
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
                dead_at=timezone.now() if each.dead_because else None,
                dead_reason=each.dead_because[:500],
                dead_subcode=each.dead_subcode,
            )
            for each in tokens
        ],
        ignore_conflicts=True,
    )
    of_these = AccessToken.objects.filter(installation__in={row.installation_id for row in rows})
    from_meta = {row.fingerprint for row in rows if not row.is_imported}
    of_these.filter(fingerprint__in=from_meta, is_imported=True, from_meta_at=None).update(from_meta_at=Now())
    best_first = Window(
        RowNumber(),
        partition_by=[F("installation"), F("kind"), _IS_OF_A_FILE],
        order_by=[F("dead_at").desc(nulls_first=True), *PREFERRED, F("pk").desc()],
    )
    surplus = of_these.annotate(place=best_first).filter(place__gt=KEPT_OF_A_KIND)
    AccessToken.objects.filter(pk__in=list(surplus.values_list("pk", flat=True))).delete()


def alive_tokens(installation_ids: Collection[int]) -> dict[int, list[AccessToken]]:
    """The usable tokens of each, as calls try them; those that no key opens come last."""
    tokens: dict[int, list[AccessToken]] = {pk: [] for pk in installation_ids}
    for token in AccessToken.objects.filter(installation__in=tokens, dead_at=None).order_by(*PREFERRED):
        tokens[token.installation_id].append(token)
    return {pk: sorted(each, key=lambda token: not token.is_readable) for pk, each in tokens.items()}


def alive_tokens_of(installation_id: int) -> list[AccessToken]:
    """`alive_tokens` of one."""
    return alive_tokens([installation_id])[installation_id]


def has_been_connected(installation: Installation) -> bool:
    """Whether the business was connected once, as everything imported was, in v2; call it inside `tenant`."""
    if installation.state != Installation.State.PENDING:
        return True
    return AccessToken.objects.filter(installation=installation, is_imported=True).exists()


def put_last(refused: Mapping[AccessToken, GraphError]) -> None:
    """Try these of an installation's tokens after the others for a day, each for what Meta said.

    It does not show them the business that it shows to another, or they lack a permission that another has.
    """
    if not refused:
        return
    with tenant(next(iter(refused)).partner_id):
        for token, error in refused.items():
            AccessToken.objects.filter(pk=token.pk).update(**_why_last(error))


def _why_last(error: GraphError) -> dict[str, Any]:
    if isinstance(error, PermissionMissing):
        return {"permission_missing_at": Now(), "permission_missing": str(error)[:LONGEST_WORDS]}
    return {"not_visible_at": Now()}


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
