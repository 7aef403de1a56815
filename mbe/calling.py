"""One call to the Graph API for one app: token in the header, its proof beside it, a parsed value or a GraphError."""

from collections.abc import Mapping
from typing import Any

import requests

from mbe.answers import read_answer
from mbe.errors import DeadToken, DoubtfulAnswer
from mbe.signature import appsecret_proof
from mbe.transport import Bearer, new_session, send


class GraphCaller:
    """What the clients of the Graph API share. Safe to share among threads.

    ``graph_url`` is like ``https://graph.facebook.com``, ``version`` like ``v25.0``; ``timeout`` is in seconds, for
    connecting, for the first byte, and for the call as a whole. Every call may raise any leaf of GraphError.
    """

    def __init__(
        self,
        *,
        graph_url: str,
        version: str,
        app_id: str,
        app_secret: str,
        timeout: float = 10.0,
        session: requests.Session | None = None,
    ) -> None:
        self._root = f"{graph_url.rstrip('/')}/{version}/"
        self._app_id = app_id
        self._app_secret = app_secret
        self._timeout = timeout
        self._session = session or new_session()

    @property
    def _app_token(self) -> str:
        return f"{self._app_id}|{self._app_secret}"

    def _call(
        self,
        method: str,
        path: str,
        token: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        other_secret: str = "",
    ) -> Any:
        """Send one request; ``other_secret`` is a further one that is kept out of the texts of errors."""
        if not token or not token.isascii() or not token.isprintable():
            raise DeadToken("The token cannot be one of Meta's")
        proof = {"appsecret_proof": appsecret_proof(token, self._app_secret)}
        answer = send(
            self._session,
            method,
            self._root + path,
            auth=Bearer(token),
            timeout=self._timeout,
            params=None if form else {**(params or {}), **proof},
            form={**form, **proof} if form else None,
        )
        return read_answer(answer.status, answer.headers, answer.body, (token, other_secret, self._app_secret))


def expect_success(payload: object) -> None:
    """Raise DoubtfulAnswer unless Meta says ``"success": true``."""
    if not isinstance(payload, dict) or payload.get("success") is not True:
        raise DoubtfulAnswer("Meta did not say that the call had success")
