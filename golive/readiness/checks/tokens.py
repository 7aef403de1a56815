"""Checks of the tokens that businesses gave: that they live, and what was granted with them."""

from datetime import UTC, datetime

from django.utils.timezone import now

from golive.diagnosis.steps.granting import ENDS_SOON
from golive.readiness.ground import Ground
from golive.readiness.holders import Holder
from golive.readiness.results import Result, green, red
from golive.readiness.steps import CannotTell, Problem, Step
from mbe.assets import TokenFacts
from partners.models import MetaApp

MOST_NAMED = 10
_LAST_SECOND = 253_402_300_799  # of the year 9999


def tokens(ground: Ground, _: str) -> Result:
    """Whether Meta says of the newest businesses' tokens that they are the app's, valid, and do not end soon.

    One dead token among them is red: that business is not live until somebody signs in again. So is one that ends
    within the days in which the diagnosis warns.
    """
    holders = ground.holders
    told = ground.told if any(each.token for each in holders) else {}
    dead = [each.name for each in holders if _is_dead(ground.app, each, told)]
    if dead:
        return red(Step.RECONNECT, looked_at=len(holders), dead_tokens=dead[:MOST_NAMED])
    ending = [each.name for each in holders if _ends_soon(told.get(each.installation.pk))]
    if ending:
        return red(Step.TOKENS_END, looked_at=len(holders), ending_tokens=ending[:MOST_NAMED], next_end_at=_next(told))
    _all_told(holders, told)
    types = [each.type for each in told.values()]
    counted = [f"{name}: {types.count(name)}" for name in sorted({*types} - {""})]
    return green(looked_at=len(told), token_types=counted, next_end_at=_next(told))


def permissions(ground: Ground, _: str) -> Result:
    """Whether the newest businesses granted all that their ways in ask for and their features need."""
    told = ground.told if any(each.token for each in ground.holders) else {}
    living = [(each, told[each.installation.pk]) for each in ground.holders if _lives(ground.app, each, told)]
    if not living:
        raise CannotTell(Problem.NO_LIVING_TOKEN)
    missing = [f"{each.name}: {', '.join(lack)}" for each, facts in living if (lack := _lack(each, facts))]
    if missing:
        return red(Step.PERMISSIONS, looked_at=len(living), missing_permissions=missing[:MOST_NAMED])
    _all_told(ground.holders, told)
    granted = sorted(frozenset.union(*(each.needed for each, _facts in living)))
    return green(looked_at=len(living), granted=granted)


def _lack(holder: Holder, facts: TokenFacts) -> list[str]:
    return sorted(holder.needed - {*facts.scopes})


def _lives(app: MetaApp, holder: Holder, told: dict[int, TokenFacts]) -> bool:
    return holder.installation.pk in told and not _is_dead(app, holder, told)


def _is_dead(app: MetaApp, holder: Holder, told: dict[int, TokenFacts]) -> bool:
    """Whether it is known to be of no use; of one that Meta said nothing about it is not known."""
    facts = told.get(holder.installation.pk)
    if holder.token is None or facts is None:
        return holder.token is None
    is_over = facts.expires_at is not None and _moment(facts.expires_at) <= now()
    return is_over or not facts.is_valid or facts.app_id not in ("", app.app_id)


def _all_told(holders: list[Holder], told: dict[int, TokenFacts]) -> None:
    """Raise CannotTell where Meta said nothing of a token: what is not known of all is not good."""
    if any(each.token is not None and each.installation.pk not in told for each in holders):
        raise CannotTell(Problem.UNTOLD)


def _ends_soon(facts: TokenFacts | None) -> bool:
    return facts is not None and facts.expires_at is not None and _moment(facts.expires_at) - now() < ENDS_SOON


def _next(told: dict[int, TokenFacts]) -> datetime | None:
    """When the first of them ends."""
    return min((_moment(each.expires_at) for each in told.values() if each.expires_at), default=None)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC)
