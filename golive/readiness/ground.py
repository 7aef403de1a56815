"""What the checks of one run stand on: the app, and what Meta was asked once for several of them."""

from functools import cached_property

from django.utils.timezone import now

from features.claims import pause
from features.graph import app_calls_for
from features.models import AccessToken
from features.tokens import bury
from mbe.errors import DeadToken, GraphError, RateLimited
from mbe.subscriptions import AppSubscriptions
from partners.models import MetaApp


class Paused(Exception):
    """Meta makes the whole app wait, so nothing is asked."""


class Ground:
    """One app under check. Nothing here may be called inside `tenant` or `platform`: it asks Meta."""

    def __init__(self, app: MetaApp) -> None:
        self.app = app

    @cached_property
    def subscriptions(self) -> AppSubscriptions:
        """The app's subscriptions; raises GraphError, or Paused."""
        self.may_ask()
        return app_calls_for(self.app).subscriptions()

    def may_ask(self) -> None:
        """Raise Paused while Meta makes the app wait."""
        if self.app.paused_until and self.app.paused_until > now():
            raise Paused

    def heed(self, error: GraphError, token: AccessToken | None = None) -> None:
        """Act on what an error demands of all calls: wait, or never use a business's token again."""
        if isinstance(error, RateLimited) and error.scope == "app":
            pause(self.app, error.wait_seconds)
        if isinstance(error, DeadToken) and token is not None:
            bury(token, error)
