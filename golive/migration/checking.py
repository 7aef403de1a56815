"""What Meta says of the tokens of a chunk: asked in one batch, one by one where it refuses that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import timezone

from features.graph import assets_for
from features.models import AccessToken
from features.own_reasons import own_reason
from features.tokens import dead_by
from golive.migration.columns import Candidate
from mbe.assets import TokenFacts
from mbe.deaths import EXPIRED
from mbe.errors import DoubtfulAnswer, GraphError, Refused
from partners.models import MetaApp

NEEDED_SCOPE = "manage_business_extension"
_DEAD_TOKEN = 190


@dataclass(frozen=True)
class Verdict:
    """What is known of a row's token; one with a `dead_because` is of no use. `refusal`: Meta would not say.

    Without `has_data_access` it is valid, and only a sync tells whether Meta still answers what is asked with it.

    `dead_subcode` is Meta's for the same (`mbe.deaths`); also where the token's own time tells that it has expired.
    """

    kind: AccessToken.Kind = AccessToken.Kind.LOGIN
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    has_data_access: bool = True
    dead_because: str = ""
    dead_subcode: int | None = None
    refusal: str = ""


def check(
    meta_app: MetaApp, candidates: Sequence[Candidate], keep: Callable[[], None] = lambda: None
) -> dict[int, Verdict]:
    """Ask about up to 50 tokens; gives a verdict for each line. `keep` is called before each request.

    Raises GraphError where Meta is to be asked again later, and where it refuses the app's own token (Refused).
    """
    if not candidates:
        return {}
    keep()
    client = assets_for(meta_app)
    try:
        answers = client.token_facts_batch([each.token for each in candidates])
    except GraphError as error:
        if error.is_retryable or error.code == _DEAD_TOKEN:
            raise
        answers = [error] * len(candidates)
    return {
        each.line: _verdict(meta_app, each, _answer(meta_app, each, answer, keep))
        for each, answer in zip(candidates, answers, strict=True)
    }


def _answer(
    meta_app: MetaApp, candidate: Candidate, answer: TokenFacts | GraphError, keep: Callable[[], None]
) -> TokenFacts | GraphError:
    if isinstance(answer, TokenFacts):
        return answer
    keep()
    try:
        return assets_for(meta_app).token_facts(candidate.token)
    except GraphError as error:
        # An answer that stays strange is this row's matter, not the whole file's.
        is_of_the_app = isinstance(error, Refused) and error.code == _DEAD_TOKEN
        if is_of_the_app or (error.is_retryable and not isinstance(error, DoubtfulAnswer)):
            raise
        return error


def _verdict(meta_app: MetaApp, candidate: Candidate, facts: TokenFacts | GraphError) -> Verdict:
    if isinstance(facts, GraphError):
        return Verdict(refusal=str(facts)[:200])
    expires_at = datetime.fromtimestamp(min(facts.expires_at, 32_503_680_000), UTC) if facts.expires_at else None
    word = (facts.type or candidate.token_type).upper().replace(" ", "_")
    kind = AccessToken.Kind.SYSTEM_USER if word == "SYSTEM_USER" else AccessToken.Kind.LOGIN
    scopes = tuple(scope[:64] for scope in facts.scopes)
    ended_at = facts.data_access_expires_at
    has_data_access = ended_at is None or ended_at > timezone.now().timestamp()
    return Verdict(kind, expires_at, scopes, has_data_access, *_death(meta_app, facts, expires_at))


def _death(meta_app: MetaApp, facts: TokenFacts, expires_at: datetime | None) -> tuple[str, int | None]:
    if facts.app_id not in ("", meta_app.app_id):
        return own_reason("other_app", facts.app_id[:32]), None
    if not facts.is_valid:
        return str(dead_by(facts)), facts.subcode
    if expires_at is not None and expires_at <= timezone.now():
        return own_reason("expired"), EXPIRED
    if facts.type.upper() == "PAGE":
        return own_reason("page"), None
    return "" if NEEDED_SCOPE in facts.scopes else own_reason("scope", NEEDED_SCOPE), None
