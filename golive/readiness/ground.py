"""What the checks of one run stand on: the app, and what Meta was asked once for several of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TypeVar

from django.db import transaction
from django.utils.timezone import now

from features.claims import pause
from features.graph import app_calls_for
from features.hints import mark_dirty
from features.models import AccessToken, Cause, Installation
from features.tokens import bury, dead_by
from features.wake import workers
from golive.readiness.holders import Holder, best_token, holders_of, told_of
from golive.readiness.steps import CannotTell, Problem, Step
from mbe.assets import TokenFacts
from mbe.errors import DeadToken, GraphError, RateLimited
from mbe.subscriptions import AppSubscriptions
from partners.models import MetaApp
from partners.tenancy import tenant

Answer = TypeVar("Answer")


class Ground:
    """One app under check. Nothing here may be called inside `tenant` or `platform`: it asks Meta.

    Each question is put once, and its error is the answer for everybody who asks for it.
    """

    def __init__(self, app: MetaApp) -> None:
        self.app = app

    @property
    def subscriptions(self) -> AppSubscriptions:
        """The app's subscriptions; raises GraphError or CannotTell."""
        return _raised(self._subscriptions)

    @property
    def holders(self) -> list[Holder]:
        """The newest connected businesses; raises CannotTell where there is none."""
        if not self._holders:
            raise CannotTell(Problem.NO_BUSINESS, Step.INSTALL)
        return self._holders

    @property
    def told(self) -> dict[int, TokenFacts]:
        """What Meta says of the holders' tokens, by installation; raises GraphError or CannotTell."""
        return _raised(self._told)

    def may_ask(self) -> None:
        """Raise CannotTell while Meta makes the app wait."""
        if self.app.paused_until and self.app.paused_until > now():
            raise CannotTell(Problem.PAUSED)

    def heed(self, error: GraphError, token: AccessToken | None = None) -> None:
        """Act on what an error demands of all calls: wait, or never use a business's token again."""
        if isinstance(error, RateLimited) and error.scope == "app":
            pause(self.app, error.wait_seconds)
            self.app.paused_until = now() + timedelta(seconds=error.wait_seconds)
        if isinstance(error, DeadToken) and token is not None:
            self._bury(token, error)

    def _bury(self, token: AccessToken, error: DeadToken) -> None:
        """Let no call be made with it, and let a sync ask each business that has it to reconnect."""
        bury(token, error)
        with tenant(self.app.partner_id):
            holding = AccessToken.objects.filter(fingerprint=token.fingerprint).values_list("installation", flat=True)
            self.have_synced(holding)

    def have_synced(self, installations: Iterable[int]) -> None:
        """Let the workers look at these anew; each is an installation's number."""
        with tenant(self.app.partner_id):
            rows = Installation.objects.filter(partner=self.app.partner_id, pk__in=installations)
            mark_dirty(rows, Cause.RECONCILE)
            transaction.on_commit(workers.wake)

    @cached_property
    def _subscriptions(self) -> AppSubscriptions | GraphError:
        self.may_ask()
        try:
            return app_calls_for(self.app).subscriptions()
        except GraphError as error:
            self.heed(error)
            return error

    @cached_property
    def _holders(self) -> list[Holder]:
        return holders_of(self.app)

    @cached_property
    def _told(self) -> dict[int, TokenFacts] | GraphError:
        self.may_ask()
        try:
            return self._ask_about(self.holders)
        except GraphError as error:
            self.heed(error)
            return error

    def _ask_about(self, holders: list[Holder]) -> dict[int, TokenFacts]:
        """Ask about each holder's token, and about the next one where it is dead."""
        told: dict[int, TokenFacts] = {}
        while holders:
            # What was said of a token that was tried before says nothing of the next one.
            told = {pk: facts for pk, facts in told.items() if pk not in {each.installation.pk for each in holders}}
            told |= told_of(self.app, holders)
            dead = [each for each in holders if (facts := told.get(each.installation.pk)) and not facts.is_valid]
            holders = [renewed for each in dead if (renewed := self._without(each, told)).token is not None]
        return told

    def _without(self, holder: Holder, told: dict[int, TokenFacts]) -> Holder:
        """The holder with another token than the one that Meta calls dead."""
        if holder.token is not None:
            self._bury(holder.token, dead_by(told[holder.installation.pk]))
        with tenant(self.app.partner_id):
            return replace(holder, token=best_token(holder.installation))


def _raised(answer: Answer | GraphError) -> Answer:
    if isinstance(answer, GraphError):
        raise answer
    return answer
