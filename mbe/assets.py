"""The client of what features stand on: Pages, pixels, catalogs, accounts, and the token (meta-api, 5.4 and 9)."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from mbe.answers import read_answer
from mbe.asset_answers import BatchStatus as BatchStatus
from mbe.asset_answers import EventsAnswer as EventsAnswer
from mbe.asset_answers import ItemProblem as ItemProblem
from mbe.asset_answers import ItemsBatch as ItemsBatch
from mbe.asset_answers import TokenFacts as TokenFacts
from mbe.asset_answers import (
    batch_status_of,
    events_answer_of,
    items_batch_of,
    object_of,
    objects_of,
    texts_of,
    token_facts_of,
)
from mbe.batches import MAX_OPERATIONS, answers_of, operation
from mbe.calling import GraphCaller, expect_success
from mbe.errors import DeadToken, DoubtfulAnswer, GraphError, PermissionMissing, Refused, TransientError
from mbe.paging import all_elements
from mbe.signature import appsecret_proof
from mbe.transport import Answer
from mbe.wire import identifier

MAX_EVENTS = 1000
MAX_REQUESTS = 5000
# Meta advises to stay under this many.
ADVISED_REQUESTS = 3000
# A batch whose JSON is no longer fits into a request, whatever is in it: a character takes three when it is sent.
SAFE_JSON_LENGTH = 9 * 1024 * 1024

_OBJECT_ID = re.compile(r"(?:act_)?[0-9]{1,32}")


class AssetClient(GraphCaller):
    """Calls the Graph API about single assets.

    Every call may raise any leaf of GraphError: DoubtfulAnswer for a shape that it does not know, Refused for an id
    that cannot be one of Meta's.
    """

    def read(self, object_id: str, fields: Sequence[str], token: str) -> dict[str, Any]:
        """Read these fields of one object; Meta leaves out what is empty or hidden."""
        payload = self._call("GET", _checked(object_id), token, params={"fields": ",".join(fields)})
        return object_of(payload)

    def page_token(self, page_id: str, token: str) -> str:
        """Get the Page's own token; raises PermissionMissing where Meta shows the Page without one (meta-api, 5.2)."""
        page = self.read(page_id, ("access_token",), token)
        page_token = page.get("access_token")
        if isinstance(page_token, str) and page_token:
            return page_token
        if identifier(page.get("id")) == page_id:
            raise PermissionMissing("Meta gives no token for this Page: its task or permission is missing")
        raise DoubtfulAnswer("The answer holds no Page token")

    def subscribed_fields(self, page_id: str, page_token: str) -> tuple[str, ...]:
        """List the fields of the Page that this app is subscribed to, none where it is not; needs the Page's token."""
        path = f"{_checked(page_id)}/subscribed_apps"
        first = self._call("GET", path, page_token)
        apps = all_elements(first, lambda after: self._call("GET", path, page_token, params={"after": after}))
        return next((texts_of(app, "subscribed_fields") for app in objects_of(apps) if self._is_own(app)), ())

    def subscribe(self, page_id: str, page_token: str, fields: Sequence[str]) -> None:
        """Subscribe this app to exactly these fields of the Page, in place of those before.

        Raises ValueError without fields: ``unsubscribe`` is the call for that.
        """
        if not fields:
            raise ValueError("A subscription needs a field")
        form = {"subscribed_fields": ",".join(fields)}
        expect_success(self._call("POST", f"{_checked(page_id)}/subscribed_apps", page_token, form=form))

    def unsubscribe(self, page_id: str, page_token: str) -> None:
        """End this app's subscription to the Page."""
        expect_success(self._call("DELETE", f"{_checked(page_id)}/subscribed_apps", page_token))

    def token_facts(self, token: str) -> TokenFacts:
        """Ask what a token is good for (meta-api, 5.4). A dead one is an answer: DeadToken is never raised."""
        params = {"input_token": token}
        try:
            payload = self._call("GET", "debug_token", self._app_token, params=params, other_secret=token)
        except DeadToken as error:
            raise _of_the_app(error) from None
        return token_facts_of(object_of(payload).get("data"))

    def token_facts_batch(self, tokens: Sequence[str]) -> list[TokenFacts | GraphError]:
        """Ask about up to 50 tokens in one request (meta-api, 5.4 and 8.3), each with the app's own token.

        The list is in the order of the tokens and holds an error for each one of which Meta said nothing. A batch that
        fails as a whole raises. Raises ValueError for too many tokens.
        """
        if len(tokens) > MAX_OPERATIONS:
            raise ValueError(f"A batch has at most {MAX_OPERATIONS} tokens")
        if not tokens:
            return []
        proof = appsecret_proof(self._app_token, self._app_secret)
        queries = [urlencode({"input_token": token, "appsecret_proof": proof}) for token in tokens]
        operations = [operation(f"debug_token?{query}", self._app_token) for query in queries]
        try:
            form = {"batch": json.dumps(operations), "include_headers": "true"}
            payload = self._call("POST", "", self._app_token, form=form)
        except DeadToken as error:
            raise _of_the_app(error) from None
        answers = answers_of(payload, len(tokens))
        return [self._facts(token, answer) for token, answer in zip(tokens, answers, strict=True)]

    def _facts(self, token: str, answer: Answer | None) -> TokenFacts | GraphError:
        if answer is None:
            return TransientError("Meta did not finish this operation of the batch")
        try:
            payload = read_answer(answer.status, answer.headers, answer.body, (token, self._app_secret))
            return token_facts_of(object_of(payload).get("data"))
        except DeadToken as error:
            return _of_the_app(error)
        except GraphError as error:
            return error

    def send_events(
        self,
        pixel_id: str,
        token: str,
        events: Sequence[Mapping[str, Any]],
        *,
        test_event_code: str = "",
        partner_agent: str = "",
    ) -> EventsAnswer:
        """Send up to ``MAX_EVENTS`` events to the Conversions API (meta-api, 9.1); one bad event has all refused.

        With a ``test_event_code`` they are shown in Test Events and count nowhere else. Raises ValueError for too many.
        """
        if len(events) > MAX_EVENTS:
            raise ValueError(f"At most {MAX_EVENTS} events go in one call")
        form = {"data": _compact(events), "test_event_code": test_event_code, "partner_agent": partner_agent}
        given = {name: value for name, value in form.items() if value}
        return events_answer_of(self._call("POST", f"{_checked(pixel_id)}/events", token, form=given))

    def items_batch(self, catalog_id: str, token: str, requests: Sequence[Mapping[str, Any]]) -> ItemsBatch:
        """Send up to ``MAX_REQUESTS`` changes to a catalog's items (meta-api, 9.2); ``batch_status`` tells how they go.

        Raises ValueError for none and for too many, Refused for a request that is too large, which none is whose JSON
        keeps to ``SAFE_JSON_LENGTH``.
        """
        if not 0 < len(requests) <= MAX_REQUESTS:
            raise ValueError(f"A batch has 1 to {MAX_REQUESTS} requests")
        form = {"item_type": "PRODUCT_ITEM", "allow_upsert": "true", "requests": _compact(requests)}
        return items_batch_of(self._call("POST", f"{_checked(catalog_id)}/items_batch", token, form=form))

    def batch_status(self, catalog_id: str, token: str, handle: str) -> BatchStatus:
        """Ask how far Meta is with a batch of items (meta-api, 9.2)."""
        params = {"handle": handle, "load_ids_of_invalid_requests": "true"}
        path = f"{_checked(catalog_id)}/check_batch_request_status"
        statuses = all_elements(self._call("GET", path, token, params=params), _no_further_page)
        for status in objects_of(statuses):
            if status.get("handle", handle) == handle:
                return batch_status_of(status)
        raise DoubtfulAnswer("The answer says nothing about this batch")

    def _is_own(self, app: Mapping[str, Any]) -> bool:
        return identifier(app.get("id")) == self._app_id


def _of_the_app(error: DeadToken) -> Refused:
    """The call is made with the app's own token, and says nothing about the one asked about."""
    return Refused(
        f"Meta refuses the app's own token: {error}",
        code=error.code,
        subcode=error.subcode,
        http_status=error.http_status,
        user_message=error.user_message,
        trace_id=error.trace_id,
    )


def _checked(object_id: str) -> str:
    if not _OBJECT_ID.fullmatch(object_id):
        raise Refused("This cannot be an id of Meta's")
    return object_id


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _no_further_page(_: str) -> object:
    return {"data": []}
