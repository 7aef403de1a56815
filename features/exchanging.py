"""Exchanging the tokens of logins, each once, for a system user's where Meta grants one (meta-api §5.1)."""

import logging
from collections.abc import Sequence
from typing import TypeGuard

from django.db import transaction
from django.db.models.functions import Now

from features.activation.permissions import look_for_permissions_again, look_where_granted
from features.batches import SMALLEST_BATCH
from features.claims import Claim, pause
from features.fetching import Observation
from features.graph import client_for
from features.hints import mark_dirty
from features.models import AccessToken, Cause, Installation
from features.tokens import bury, keep
from features.vain_logins import held_instead
from features.wake import workers
from features.worth_exchanging import Exchange, worth_exchanging
from features.worth_keeping import worth_keeping
from mbe.errors import DeadToken, GraphError, PermissionMissing, RateLimited, Refused
from mbe.graph import GraphClient, Token
from partners.tenancy import tenant

logger = logging.getLogger(__name__)


# Each with Meta's answer, a token or why there is none.
Answered = list[tuple[Exchange, Token | GraphError]]


def gain_system_user_tokens(seen: Sequence[tuple[Claim, Observation]]) -> None:
    """Exchange the logins of claims of one app that promise more than there is; those of a crowd in one batch.

    A token that was gained before stays behind the new one, and serves wherever Meta refuses that.
    """
    exchanges = _without_vain(_untried(worth_exchanging(seen)))
    if not exchanges:
        return
    client = client_for(exchanges[0].claim.installation.meta_app)
    answered = _ask_for_less(client, _ask(client, exchanges))
    if limit := next((answer for _, answer in answered if _is_of_the_app(answer)), None):
        pause(exchanges[0].claim.installation.meta_app, limit.wait_seconds)
    _bury_dead(answered)
    gained = worth_keeping([(each, answer) for each, answer in answered if isinstance(answer, Token)])
    again = [each.login.pk for each, answer in answered if isinstance(answer, GraphError) and answer.is_retryable]
    with tenant(exchanges[0].login.partner_id):
        keep(token for _, token in gained)
        AccessToken.objects.filter(pk__in=again).update(exchange_tried_at=None)
    # Apart: what is gained stays, whatever becomes of this.
    with tenant(exchanges[0].login.partner_id):
        look_for_permissions_again({each.installation_id: each.claim.cause for each, _ in gained})


def _without_vain(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Without those that would bring nothing; what waits for a permission that the token held has by now is looked at.

    A login left out has been tried, as far as anybody is concerned: nobody asks about it again.
    """
    held = held_instead(exchanges)
    if held:
        causes = {each.installation_id: each.claim.cause for each in exchanges}
        with tenant(exchanges[0].login.partner_id):
            look_where_granted(held, causes)
    return [each for each in exchanges if each.installation_id not in held]


def _bury_dead(answered: Answered) -> None:
    """Use no login's token again that turned out dead, and have a sync ask whoever has no other to reconnect."""
    dead = [(each, answer) for each, answer in answered if isinstance(answer, DeadToken)]
    if not dead:
        return
    for each, error in dead:
        bury(each.login, error)
        each.claim.tokens.remove(each.login)
    with tenant(dead[0][0].login.partner_id):
        mark_dirty(Installation.objects.filter(pk__in=[each.installation_id for each, _error in dead]), Cause.RECONCILE)
        transaction.on_commit(workers.wake)


def _untried(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Those that nobody else has tried meanwhile; from now on they are tried."""
    if not exchanges:
        return []
    with tenant(exchanges[0].login.partner_id):
        untried = AccessToken.objects.filter(pk__in=[each.login.pk for each in exchanges], exchange_tried_at=None)
        ids = set(untried.order_by("pk").select_for_update().values_list("pk", flat=True))
        AccessToken.objects.filter(pk__in=ids).update(exchange_tried_at=Now())
    return [each for each in exchanges if each.login.pk in ids]


def _ask(client: GraphClient, exchanges: Sequence[Exchange]) -> Answered:
    return list(zip(exchanges, _answers(client, exchanges), strict=True))


def _ask_for_less(client: GraphClient, answered: Answered) -> Answered:
    """Ask once more for those that Meta refused what an earlier login gave: somebody else may have signed in."""
    refused = {
        each.installation_id: each.narrowed()
        for each, answer in answered
        if each.is_wider and isinstance(answer, PermissionMissing | Refused)
    }
    if not refused or any(_is_of_the_app(answer) for _, answer in answered):
        return answered
    return [
        *((each, answer) for each, answer in answered if each.installation_id not in refused),
        *_ask(client, list(refused.values())),
    ]


def _answers(client: GraphClient, exchanges: Sequence[Exchange]) -> list[Token | GraphError]:
    if len(exchanges) < SMALLEST_BATCH:
        return _ask_one_by_one(client, exchanges)
    try:
        answers = client.system_user_token_batch([each.wish for each in exchanges])
    except RateLimited as limit:
        return [limit] * len(exchanges)
    except GraphError as error:
        logger.warning("a batch of %s exchanges was refused: %s", len(exchanges), error)
        return _ask_one_by_one(client, exchanges)
    for each, answer in zip(exchanges, answers, strict=True):
        _tell(each, answer)
    return answers


def _ask_one_by_one(client: GraphClient, exchanges: Sequence[Exchange]) -> list[Token | GraphError]:
    """Ask for each, up to a limit of the app, which is the answer for all after it."""
    answers: list[Token | GraphError] = []
    for each in exchanges:
        is_over = bool(answers) and _is_of_the_app(answers[-1])
        answers.append(answers[-1] if is_over else _ask_for_one(client, each))
    return answers


def _is_of_the_app(answer: Token | GraphError) -> TypeGuard[RateLimited]:
    return isinstance(answer, RateLimited) and answer.scope == "app"


def _ask_for_one(client: GraphClient, exchange: Exchange) -> Token | GraphError:
    answer: Token | GraphError
    try:
        answer = client.system_user_token(exchange.wish)
    except GraphError as error:
        answer = error
    _tell(exchange, answer)
    return answer


def _tell(exchange: Exchange, answer: Token | GraphError) -> None:
    if isinstance(answer, GraphError):
        logger.info("no system user token for installation %s: %s", exchange.installation_id, answer)
