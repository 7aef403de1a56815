"""The sandbox's memory: everything it knows, behind one lock, as a value that can be written to a file."""

import secrets
import time
from collections.abc import Sequence
from threading import RLock

from sandbox.model import AccessToken, Connection, Feature, Json, LoginCode, MetaApp, Page

CODE_LIFETIME = 600.0
USER_TOKEN_LIFETIME = 5_183_944
PAGE = "PAGE"


class State:
    """Apps, connections, tokens and codes. Take `lock` around anything that reads or changes more than one of them."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.apps: dict[str, MetaApp] = {}
        self.connections: dict[tuple[str, str], Connection] = {}
        self.tokens: dict[str, AccessToken] = {}
        self.codes: dict[str, LoginCode] = {}
        self._page_tokens: dict[tuple[str, str, str], str] = {}
        # Starting from the clock keeps ids apart from those handed out before a reset.
        self._last_id = int(time.time()) * 1_000_000

    def new_id(self) -> str:
        """A numeric id that was never given before, as text."""
        with self.lock:
            self._last_id += 1
            return str(self._last_id)

    def new_page(self, name: str) -> Page:
        """A Page with an Instagram profile."""
        return Page(self.new_id(), name, self.new_id())

    def connection_or_new(self, app_id: str, external_business_id: str, name: str = "") -> Connection:
        """The connection of that business, or a new one, not connected yet, with a portfolio and two Pages."""
        with self.lock:
            connection = self.connections.get((app_id, external_business_id))
            if connection is None:
                title = name or external_business_id
                pages = [self.new_page(title), self.new_page(f"{title}, second location")]
                connection = Connection(app_id, external_business_id, title, self.new_id(), self.new_id(), pages)
                self.connections[app_id, external_business_id] = connection
            return connection

    def issue_token(self, connection: Connection, kind: str, scopes: list[str]) -> AccessToken:
        """A new token of that kind; a system user's never expires."""
        now = int(time.time())
        expires_at = now + USER_TOKEN_LIFETIME if kind == "USER" else 0
        value = f"EAAsandbox{secrets.token_hex(24)}"
        token = AccessToken(
            value, connection.app_id, connection.external_business_id, kind, list(scopes), now, expires_at
        )
        with self.lock:
            self.tokens[value] = token
        return token

    def page_token(self, connection: Connection, page_id: str, scopes: Sequence[str]) -> AccessToken:
        """The connection's token for that Page: the same one each time, as long as it lives.

        It may do what any token may, by `scopes`, for which it was given.
        """
        key = (connection.app_id, connection.external_business_id, page_id)
        with self.lock:
            token = self.tokens.get(self._page_tokens.get(key, ""))
            if token is None or token.dead_subcode is not None:
                token = self.issue_token(connection, PAGE, [])
                token.page_id = page_id
                self._page_tokens[key] = token.token
            token.scopes = list(dict.fromkeys([*token.scopes, *scopes]))
            return token

    def issue_code(self, connection: Connection, redirect_uri: str, scopes: list[str]) -> LoginCode:
        """A login code for that connection, good for ten minutes."""
        code = LoginCode(
            f"AQsandbox{secrets.token_hex(24)}",
            connection.app_id,
            connection.external_business_id,
            redirect_uri,
            list(scopes),
            time.time() + CODE_LIFETIME,
        )
        with self.lock:
            self.codes = {key: one for key, one in self.codes.items() if one.expires_at > time.time()}
            self.codes[code.code] = code
        return code

    def tokens_of(self, connection: Connection) -> list[AccessToken]:
        """Every token of that connection, dead ones too, oldest first."""
        key = (connection.app_id, connection.external_business_id)
        with self.lock:
            return [token for token in self.tokens.values() if (token.app_id, token.external_business_id) == key]

    def scopes_of_logins(self, connection: Connection) -> list[str]:
        """What the person who logs in has granted the app so far: a further login adds to it."""
        logins = [one for one in self.tokens_of(connection) if one.kind == "USER" and one.dead_subcode is None]
        return list(dict.fromkeys(scope for one in logins for scope in one.scopes))

    def end_data_access(self, connection: Connection) -> None:
        """The person has not used the app for so long that its access to their data has run out."""
        with self.lock:
            for token in self.tokens_of(connection):
                token.has_lost_data_access = True

    def kill_tokens(self, connection: Connection, subcode: int, kind: str = "") -> None:
        """From now on the connection's tokens (of that kind, or all) answer 190 with `subcode`.

        A Page's token dies with the last of the others.
        """
        with self.lock:
            alive = [token for token in self.tokens_of(connection) if token.dead_subcode is None]
            dying = [token for token in alive if kind in ("", token.kind)]
            if all(token in dying for token in alive if token.kind != PAGE):
                dying = alive
            for token in dying:
                token.dead_subcode = subcode

    def as_json(self) -> Json:
        """What a snapshot holds; login codes are too short-lived to be kept."""
        return {
            "last_id": self._last_id,
            "apps": [vars(app) for app in self.apps.values()],
            "connections": [
                vars(one) | {"pages": [vars(p) for p in one.pages], "features": [vars(f) for f in one.features]}
                for one in self.connections.values()
            ],
            "tokens": [vars(token) for token in self.tokens.values()],
        }

    def load(self, snapshot: Json) -> None:
        """Take over what `as_json` gave."""
        with self.lock:
            self._last_id = max(self._last_id, snapshot["last_id"])
            self.apps = {row["app_id"]: MetaApp(**row) for row in snapshot["apps"]}
            self.tokens = {row["token"]: AccessToken(**row) for row in snapshot["tokens"]}
            self._page_tokens = {
                (one.app_id, one.external_business_id, one.page_id): one.token
                for one in self.tokens.values()
                if one.page_id
            }
            connections = [_connection(row) for row in snapshot["connections"]]
            self.connections = {(one.app_id, one.external_business_id): one for one in connections}


def _connection(row: Json) -> Connection:
    pages = [Page(**page) for page in row["pages"]]
    features = [Feature(**feature) for feature in row["features"]]
    return Connection(**(row | {"pages": pages, "features": features}))
