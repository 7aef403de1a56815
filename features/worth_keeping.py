"""Which system users' tokens are kept: those that may do no less than the one that the business has."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from features.graph import assets_for
from features.models import AccessToken
from features.token_facts import known_facts
from features.tokens import ReceivedToken, received
from features.worth_exchanging import Exchange
from mbe.assets import TokenFacts
from mbe.graph import Token

logger = logging.getLogger(__name__)

Gained = tuple[Exchange, Token]


def worth_keeping(gained: Sequence[Gained]) -> list[tuple[Exchange, ReceivedToken]]:
    """Of tokens gained for one app's businesses, those to keep; what a further one may do is asked of Meta first.

    Meta may grant less than it is asked for, where somebody else has signed in: such a token would stand before the
    one that may do more.
    """
    further = [(each, token) for each, token in gained if each.held is not None]
    facts = _facts_of(further)
    first = [(each, _received(each, token)) for each, token in gained if each.held is None]
    return first + [(each, kept) for each, token in further if (kept := _kept(each, token, facts))]


def _facts_of(further: Sequence[Gained]) -> dict[str, TokenFacts]:
    """What Meta says of the tokens, new and held."""
    if not further:
        return {}
    secrets = [secret for each, token in further for secret in (token.access_token, _held(each).secret)]
    return known_facts(assets_for(further[0][0].claim.installation.meta_app), secrets)


def _kept(exchange: Exchange, token: Token, facts: dict[str, TokenFacts]) -> ReceivedToken | None:
    """The token with what it was granted; None where it may do less than the one that is held."""
    mine, before = facts.get(token.access_token), facts.get(_held(exchange).secret)
    if mine is None or before is None:
        return replace(_received(exchange, token), scopes=exchange.own_scopes, scopes_are_granted=False)
    if not mine.is_valid or (before.is_valid and set(mine.scopes) < set(before.scopes)):
        logger.info("a token that may do less is not kept for installation %s", exchange.installation_id)
        return None
    return replace(_received(exchange, token), scopes=mine.scopes, scopes_are_granted=True)


def _received(exchange: Exchange, token: Token) -> ReceivedToken:
    """The token as it was asked for; where that is no more than Meta said of the login, it was granted as well.

    So nobody asks about the tokens of a crowd one by one whose logins an import has just had checked.
    """
    scopes, login = exchange.wish.scopes, exchange.login
    is_granted = login.scopes_are_granted and set(scopes) <= set(login.scopes)
    gained = received(exchange.claim.installation, token, AccessToken.Kind.SYSTEM_USER, scopes)
    return replace(gained, scopes_are_granted=is_granted)


def _held(exchange: Exchange) -> AccessToken:
    assert exchange.held is not None
    return exchange.held
