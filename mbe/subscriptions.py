"""What Meta knows about the app itself: what it is subscribed to, asked with its own token (meta-api, 2.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mbe.answers import read_answer
from mbe.asset_answers import objects_of
from mbe.calling import GraphCaller
from mbe.paging import all_elements
from mbe.signature import appsecret_proof
from mbe.transport import Bearer, send
from mbe.wire import text

LONGEST_URL = 2048


@dataclass(frozen=True)
class Subscription:
    """The webhooks about one kind of object: where Meta sends them, and for which fields."""

    object: str
    callback_url: str
    is_active: bool
    fields: tuple[str, ...]


@dataclass(frozen=True)
class AppSubscriptions:
    """All subscriptions of an app; ``version`` is the Graph version that answered, empty where Meta did not say."""

    subscriptions: tuple[Subscription, ...]
    version: str

    def of(self, name: str) -> Subscription | None:
        """The subscription to that kind of object."""
        return next((each for each in self.subscriptions if each.object == name), None)


class AppClient(GraphCaller):
    """Calls the Graph API about the app, with the app's own token; every call may raise any leaf of GraphError."""

    def subscriptions(self) -> AppSubscriptions:
        """Read ``GET /{app}/subscriptions``. DeadToken here means that Meta does not know the app's id or secret."""
        path, token = f"{self._app_id}/subscriptions", self._app_token
        answer = send(
            self._session,
            "GET",
            self._root + path,
            auth=Bearer(token),
            timeout=self._timeout,
            params={"appsecret_proof": appsecret_proof(token, self._app_secret)},
        )
        payload = read_answer(answer.status, answer.headers, answer.body, (token, self._app_secret))
        elements = all_elements(payload, lambda after: self._call("GET", path, token, params={"after": after}))
        return AppSubscriptions(tuple(map(_subscription, objects_of(elements))), _version(answer.headers))


def _subscription(element: Mapping[str, Any]) -> Subscription:
    return Subscription(
        object=text(element.get("object")),
        callback_url=text(element.get("callback_url"), LONGEST_URL),
        is_active=element.get("active") is True,
        fields=_names(element.get("fields")),
    )


def _names(fields: object) -> tuple[str, ...]:
    """The names of fields, which come as objects with a version, and came as plain texts."""
    listed = fields if isinstance(fields, list) else []
    names = (text(each.get("name") if isinstance(each, dict) else each) for each in listed)
    return tuple(filter(None, names))


def _version(headers: Mapping[str, str]) -> str:
    found = (value for name, value in headers.items() if name.lower() == "facebook-api-version")
    return text(next(found, ""), 16)
