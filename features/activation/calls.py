"""The calls of one look at an installation: each is made once, with the first token that Meta accepts for it."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django.utils import timezone

from features.activation.claims import Claim
from features.fetching import NoUsableToken
from features.models import AccessToken, Cause
from features.tokens import bury, dead_by
from mbe.assets import AssetClient, EventsAnswer
from mbe.errors import DeadToken, GraphError, NotVisible, PermissionMissing, RateLimited

Answer = TypeVar("Answer")

# All that any handler reads of an asset, by the name that Meta's `connected_assets` have for it, so that one call
# serves all of them (meta-api §9).
FIELDS: dict[str, tuple[str, ...]] = {
    "page_id": ("name", "link"),
    "pixel_id": ("name", "last_fired_time", "is_unavailable"),
    "catalog_id": ("name", "product_count", "vertical"),
    "ad_account_id": ("name", "account_status", "currency", "timezone_name", "disable_reason"),
    "business_manager_id": ("name",),
    "ig_profile_id": ("username", "name"),
    "commerce_merchant_settings_id": ("display_name", "merchant_status", "facebook_channel", "instagram_channel"),
}
_PREFIXES = {"ad_account_id": "act_"}
# For so long counts what Meta said of a token when it came.
_NEW = timedelta(hours=1)


class Calls:
    """Calls Meta for one claim, outside any transaction; every call may raise `GraphError` or `NoUsableToken`.

    What was read is not read again, and what was refused is not asked for again: the error is raised once more. After
    a limit of the whole app no further call is made.
    """

    def __init__(self, claim: Claim, client: AssetClient) -> None:
        self._claim = claim
        self._client = client
        self._known: dict[Hashable, Any] = {}
        self.app_limit: RateLimited | None = None

    def asset(self, kind: str, asset_id: str) -> dict[str, Any]:
        """What Meta says of an asset: the `FIELDS` of its kind, without those that are empty or hidden."""
        return self.read(_PREFIXES.get(kind, "") + asset_id.removeprefix("act_"), FIELDS[kind])

    def read(self, object_id: str, fields: Sequence[str]) -> dict[str, Any]:
        """Read these fields of any object."""
        return self._once(
            ("read", object_id, *fields), lambda: self._try(lambda token: self._client.read(object_id, fields, token))
        )

    def lacking(self, scopes: Collection[str]) -> list[str]:
        """Which of these permissions no token has, sorted (meta-api §5.4); asks about as few tokens as it can."""
        missing, any_alive = set(scopes), False
        for token in sorted(self._tokens(), key=lambda token: self._is_known(token, scopes), reverse=True):
            granted = self._scopes(token, scopes)
            any_alive = any_alive or granted is not None
            missing -= granted or set()
            if not missing:
                break
        if not any_alive:
            raise NoUsableToken(self._claim.last_dead)
        return sorted(missing)

    def page_token(self, page_id: str) -> str:
        """The Page's own token."""
        return self._once(("token", page_id), lambda: self._try(lambda token: self._client.page_token(page_id, token)))

    def subscribed_fields(self, page_id: str) -> tuple[str, ...]:
        """The fields of the Page that this app is subscribed to."""
        return self._once(
            ("subscribed", page_id),
            lambda: self._as_page(page_id, lambda own: self._client.subscribed_fields(page_id, own)),
        )

    def subscribe(self, page_id: str, fields: Sequence[str]) -> None:
        """Subscribe the app to exactly these fields of the Page; what it is subscribed to is asked for anew then."""
        self._known.pop(("subscribed", page_id), None)
        self._as_page(page_id, lambda own: self._client.subscribe(page_id, own, fields))

    def unsubscribe(self, page_id: str) -> None:
        """End the app's subscription to the Page."""
        self._known.pop(("subscribed", page_id), None)
        self._as_page(page_id, lambda own: self._client.unsubscribe(page_id, own))

    def send_events(
        self, pixel_id: str, events: Sequence[Mapping[str, Any]], *, test_event_code: str = ""
    ) -> EventsAnswer:
        """Send events to the Conversions API; each call is one of its own."""
        return self._try(
            lambda token: self._client.send_events(pixel_id, token, events, test_event_code=test_event_code)
        )

    def _once(self, key: Hashable, call: Callable[[], Answer]) -> Answer:
        if key not in self._known:
            try:
                self._known[key] = call()
            except (GraphError, NoUsableToken) as error:
                self._known[key] = error
        known = self._known[key]
        if isinstance(known, GraphError | NoUsableToken):
            raise known
        return known  # type: ignore[no-any-return]  # each key has the answers of one call

    def _as_page(self, page_id: str, call: Callable[[str], Answer]) -> Answer:
        own = self.page_token(page_id)
        self._make_ready()
        return self._minding_limits(lambda: call(own))

    def _try(self, call: Callable[[str], Answer]) -> Answer:
        """Try the living tokens in order: a dead one is buried, another may see or do what the first may not."""
        first_error: GraphError | None = None
        for token in self._tokens():
            self._make_ready()
            try:
                return self._minding_limits(lambda token=token: call(token.secret))  # type: ignore[misc]  # bound now
            except DeadToken as error:
                self._bury(token, error)
            except (NotVisible, PermissionMissing) as error:
                first_error = first_error or error
        raise first_error or NoUsableToken(self._claim.last_dead)

    def _tokens(self) -> list[AccessToken]:
        """Those that can be read; where none can, all, so that the missing key is named."""
        return [each for each in self._claim.tokens if each.is_readable] or list(self._claim.tokens)

    def _is_known(self, token: AccessToken, scopes: Collection[str]) -> bool:
        """Whether Meta has just said that the token may do this: nobody asks about the tokens of an import one by one.

        At the first look what it has said counts. Later, as after the step from v2 to v3, it does as long as it is new
        and enough, unless a person wants to know.
        """
        rows = self._claim.activations
        if not token.scopes_are_granted or all(row.checked_at is None for row in rows):
            return token.scopes_are_granted
        is_new = timezone.now() - token.received_at < _NEW
        return is_new and set(scopes) <= set(token.scopes) and all(row.cause != Cause.STAFF for row in rows)

    def _scopes(self, token: AccessToken, needed: Collection[str]) -> set[str] | None:
        """The permissions of one token; None, and no token any more, where Meta says that it is dead."""
        if self._is_known(token, needed):
            return set(token.scopes)
        return self._once(("scopes", token.pk), lambda: self._ask_scopes(token))

    def _ask_scopes(self, token: AccessToken) -> set[str] | None:
        self._make_ready()
        facts = self._minding_limits(lambda: self._client.token_facts(token.secret))
        if facts.is_valid:
            return set(facts.scopes)
        self._bury(token, dead_by(facts))
        return None

    def _minding_limits(self, call: Callable[[], Answer]) -> Answer:
        try:
            return call()
        except RateLimited as limit:
            if limit.scope == "app":
                self.app_limit = limit
            raise

    def _make_ready(self) -> None:
        if self.app_limit is not None:
            raise self.app_limit
        self._claim.keep()

    def _bury(self, token: AccessToken, error: DeadToken) -> None:
        bury(token, error)
        self._claim.tokens.remove(token)
        self._claim.last_dead = error
