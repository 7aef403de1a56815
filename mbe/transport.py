"""HTTP to Meta: bounded in time and size, no redirects, and nothing secret in a log or an exception."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import quote_plus

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from mbe.errors import DoubtfulAnswer, Refused, TransientError

CONNECT_SECONDS = 5.0
MAX_ANSWER_BYTES = 10 * 1024 * 1024
# Meta's limit for a batch of items, the largest that is sent (meta-api, 9.2).
MAX_BODY_BYTES = 28 * 1024 * 1024

_CHUNK_BYTES = 64 * 1024
_POOLED_CONNECTIONS = 32
_FORM_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
# The percent sign comes first: it is in what the others become.
_RESERVED = "%" + "".join(sign for sign in map(chr, range(33, 127)) if quote_plus(sign) != sign and sign != "%")


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer, read within its bounds."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Bearer(requests.auth.AuthBase):
    """Puts a token in the Authorization header, and keeps requests from taking a password file's entry instead."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class NoAuthorization(requests.auth.AuthBase):
    """Sends no Authorization header, whatever a password file says."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def new_session() -> requests.Session:
    """Give a session with room for the connections of many threads; it carries no cookie from call to call."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_POOLED_CONNECTIONS))
    return session


def send(
    session: requests.Session,
    method: str,
    url: str,
    *,
    auth: requests.auth.AuthBase,
    timeout: float,
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request and read all of the answer.

    ``timeout`` (seconds) bounds the wait for the first byte and the whole; a call may last twice as long at the worst,
    when its last byte lets wait. Connecting has ``CONNECT_SECONDS`` at most. Raises TransientError where there is no
    answer, DoubtfulAnswer where it breaks off, drips or exceeds ``MAX_ANSWER_BYTES``, Refused for a form that exceeds
    ``MAX_BODY_BYTES`` as it is sent.
    """
    deadline = time.monotonic() + timeout
    try:
        response = session.request(
            method,
            url,
            params=params,
            data=form_body(form) if form else None,
            auth=auth,
            timeout=(min(timeout, CONNECT_SECONDS), timeout),
            allow_redirects=False,
            stream=True,
            # Without compression the size on the wire is the size in memory.
            headers={"Accept": "application/json", "Accept-Encoding": "identity", **(_FORM_HEADERS if form else {})},
        )
    except (requests.RequestException, HTTPError, OSError) as error:
        # The exception's text holds the address with its query: only its kind may go on.
        raise TransientError(f"No answer from Meta: {type(error).__name__}") from None
    with response:
        return Answer(response.status_code, response.headers, _body(response, deadline))


def form_body(form: Mapping[str, str]) -> bytes:
    """Give a form as it is sent. Raises Refused for more than ``MAX_BODY_BYTES``."""
    body = "&".join(f"{quote_plus(name)}={_quoted(value)}" for name, value in form.items()).encode()
    if len(body) > MAX_BODY_BYTES:
        raise Refused("The request is larger than Meta takes")
    return body


def _quoted(value: str) -> str:
    """Quote as ``quote_plus`` does, which takes ten times the memory of a long text."""
    if not value.isascii() or not value.isprintable():
        return quote_plus(value)
    for sign in _RESERVED:
        value = value.replace(sign, f"%{ord(sign):02X}")
    return value.replace(" ", "+")


def _body(response: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    try:
        # read1 gives what has arrived; read would wait for a full chunk however slowly it drips.
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise DoubtfulAnswer("The answer is too large", http_status=response.status_code)
            if time.monotonic() > deadline:
                raise DoubtfulAnswer("The answer takes too long", http_status=response.status_code)
    except (requests.RequestException, HTTPError, OSError) as error:
        message = f"The answer broke off: {type(error).__name__}"
        raise DoubtfulAnswer(message, http_status=response.status_code) from None
    return bytes(body)


class _QueryFilter(logging.Filter):
    """Cuts queries out of addresses: a code exchange has the app's secret there, and urllib3 logs at DEBUG."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(value) for value in record.args)
        return True


def _without_query(value: object) -> object:
    return f"{value.partition('?')[0]}?…" if isinstance(value, str) and "?" in value else value


logging.getLogger("urllib3.connectionpool").addFilter(_QueryFilter())
