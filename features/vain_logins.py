"""Logins that would be exchanged in vain: the system user's token that the business has may do what they would bring.

Of a login that came by webhook nobody knows what it may do. To ask costs one call and leaves nothing behind; an
exchange makes one more token at Meta.
"""

from collections.abc import Sequence

from features.graph import assets_for
from features.token_facts import known_facts
from features.worth_exchanging import Exchange
from mbe.asset_answers import TokenFacts


def held_instead(exchanges: Sequence[Exchange]) -> dict[int, tuple[str, ...]]:
    """Of exchanges for one app's businesses the vain ones: what the token held may do, by the installation's id.

    Meta is asked about those that promise nothing; where it says nothing, or calls one of the tokens not valid, the
    exchange is worth a try.
    """
    doubtful = [(each, each.held) for each in exchanges if not each.promises_more and each.held is not None]
    if not doubtful:
        return {}
    secrets = [token.secret for each, held in doubtful for token in (each.login, held)]
    facts = known_facts(assets_for(doubtful[0][0].claim.installation.meta_app), secrets)
    return {
        each.installation_id: facts[held.secret].scopes
        for each, held in doubtful
        if _brings_nothing(each, facts.get(each.login.secret), facts.get(held.secret))
    }


def _brings_nothing(exchange: Exchange, login: TokenFacts | None, held: TokenFacts | None) -> bool:
    if login is None or held is None or not (login.is_valid and held.is_valid):
        return False
    return set(exchange.wish.scopes) & set(login.scopes) <= set(held.scopes)
