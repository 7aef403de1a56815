"""Exchanging the tokens of logins, each once, for a system user's where Meta grants one (meta-api §5.1)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from django.db import transaction
from django.db.models.functions import Now

from features.batches import SMALLEST_BATCH
from features.claims import Claim, pause
from features.fetching import Observation
from features.graph import client_for
from features.hints import mark_dirty
from features.models import AccessToken, Cause, Installation
from features.tokens import bury, keep, received
from features.wake import workers
from mbe.catalog import BASE_SCOPE, FEATURE_TYPES
from mbe.errors import DeadToken, GraphError, RateLimited
from mbe.graph import GraphClient, Subject, SystemUserWish, Token
from partners.tenancy import tenant

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Exchange:
    """A login's token that is to be exchanged."""

    claim: Claim
    login: AccessToken
    wish: SystemUserWish


def gain_system_user_tokens(seen: Sequence[tuple[Claim, Observation]]) -> None:
    """Exchange the login tokens of claims of one app that were never tried; those of a crowd in one batch."""
    exchanges = _untried([each for each in (_exchange(*pair) for pair in seen) if each])
    if not exchanges:
        return
    meta_app = exchanges[0].claim.installation.meta_app
    answers = _ask(client_for(meta_app), exchanges)
    if limit := next(filter(_is_of_the_app, answers), None):
        pause(meta_app, limit.wait_seconds)
    _bury_dead(exchanges, answers)
    with tenant(exchanges[0].login.partner_id):
        keep(
            received(each.claim.installation, answer, AccessToken.Kind.SYSTEM_USER, each.wish.scopes)
            for each, answer in zip(exchanges, answers, strict=True)
            if isinstance(answer, Token)
        )
        again = [
            each.login.pk
            for each, answer in zip(exchanges, answers, strict=True)
            if isinstance(answer, GraphError) and answer.is_retryable
        ]
        AccessToken.objects.filter(pk__in=again).update(exchange_tried_at=None)


def _exchange(claim: Claim, observation: Observation) -> Exchange | None:
    login = next((token for token in claim.tokens if token.dead_at is None), None)
    manager = observation.installs.business_manager_id
    if login is None or login.kind != AccessToken.Kind.LOGIN or login.exchange_tried_at or not manager:
        return None
    types = {each.feature_type for each in observation.installs.features or ()}
    subject = Subject(claim.installation.business.external_business_id, login.secret)
    return Exchange(claim, login, SystemUserWish(manager, subject, login.scopes or _scopes(types)))


def _bury_dead(exchanges: Sequence[Exchange], answers: Sequence[Token | GraphError]) -> None:
    """Use no login's token again that turned out dead, and have a sync ask whoever has no other to reconnect."""
    dead = [(each, answer) for each, answer in zip(exchanges, answers, strict=True) if isinstance(answer, DeadToken)]
    if not dead:
        return
    for each, error in dead:
        bury(each.login, error)
        each.claim.tokens.remove(each.login)
    with tenant(dead[0][0].login.partner_id):
        mark_dirty(
            Installation.objects.filter(pk__in=[each.claim.installation.pk for each, _error in dead]), Cause.RECONCILE
        )
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


def _ask(client: GraphClient, exchanges: Sequence[Exchange]) -> list[Token | GraphError]:
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
        logger.info("no system user token for installation %s: %s", exchange.claim.installation.pk, answer)


def _scopes(feature_types: set[str]) -> list[str]:
    """What the installed features need: for a login whose scopes we never knew, since its token came by webhook."""
    needed = {scope for name in feature_types if name in FEATURE_TYPES for scope in FEATURE_TYPES[name].scopes}
    return [BASE_SCOPE, *sorted(needed)]
