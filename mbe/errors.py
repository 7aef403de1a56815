"""What can go wrong with Meta's Graph API, by what may be done about it (meta-api, section 8).

::

    GraphError
    ├── TransientError      try again: Meta, or the way to it, failed
    │   └── DoubtfulAnswer  an answer that proves nothing: empty, cut off, unreadable, of an unexpected shape
    ├── RateLimited         wait ``wait_seconds``; ``scope`` says whether the app waits or only this subject
    ├── DeadToken           never call with this token again
    ├── NotVisible          the object is gone, or this token may not see it
    ├── PermissionMissing   a permission was never given, or was taken back
    └── Refused             everything else: calling again changes nothing

    UnreadableBody          a webhook body that holds no notices
"""

from typing import ClassVar, Literal

Scope = Literal["app", "subject"]

DEFAULT_WAIT_SECONDS = 300
# Meta's words where the app's secret is not the one that Meta has (meta-api, 5.3).
WRONG_SECRET = "Invalid appsecret_proof"


class GraphError(Exception):
    """An answer that is none. The text holds no token, secret, code or address.

    ``code``, ``subcode`` and ``http_status`` are Meta's, None where there was none; ``user_message`` is Meta's text for
    the person at the screen; ``trace_id`` is what Meta's support asks for.
    """

    is_retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        subcode: int | None = None,
        http_status: int | None = None,
        user_message: str = "",
        trace_id: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.subcode = subcode
        self.http_status = http_status
        self.user_message = user_message
        self.trace_id = trace_id


class TransientError(GraphError):
    """Codes 1 and 2, ``is_transient``, HTTP 5xx, no connection, no answer in time."""

    is_retryable = True


class DoubtfulAnswer(TransientError):
    """An answer from which nothing may be concluded, least of all that something is gone."""


class RateLimited(GraphError):
    """A limit is reached: wait ``wait_seconds``, with every call of the app or with this subject's only."""

    is_retryable = True

    def __init__(
        self,
        message: str,
        *,
        wait_seconds: int = DEFAULT_WAIT_SECONDS,
        scope: Scope = "subject",
        code: int | None = None,
        subcode: int | None = None,
        http_status: int | None = None,
        user_message: str = "",
        trace_id: str = "",
    ) -> None:
        super().__init__(
            message, code=code, subcode=subcode, http_status=http_status, user_message=user_message, trace_id=trace_id
        )
        self.wait_seconds = wait_seconds
        self.scope = scope


class DeadToken(GraphError):
    """Codes 190 (any subcode) and 102: the token is unusable for good."""


class NotVisible(GraphError):
    """Code 100 with subcode 33: gone, or hidden from this token."""


class PermissionMissing(GraphError):
    """Codes 10 and 200 to 299."""


class Refused(GraphError):
    """Any other error: the call itself is wrong, or not allowed."""


class UnreadableBody(Exception):
    """A webhook body that cannot be read; ``reason`` says why in a few words and quotes nothing of the body."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
