"""Receiving: verify the raw bytes with the app's secret, store them, wake the workers (meta-api §2.5)."""

import hmac
import logging
import math
import time
from dataclasses import dataclass, field
from functools import cached_property

import psycopg
from django.core.signing import BadSignature, Signer
from django.db import connection
from django.db.models import F
from django.utils import timezone

from mbe.signature import is_valid
from partners.encryption import seal, unseal
from partners.models import MetaApp
from partners.tenancy import TENANT, platform, tenant
from partners.wake import Waker
from webhooks.models import Handshake, RefusedCount, hash_of

logger = logging.getLogger(__name__)

MOST_BYTES = 10 * 1024 * 1024
KNOWN_FOR_SECONDS = 5.0
FRESH_FOR_SECONDS = 1.0
NOTED_FOR_SECONDS = 60.0

# Signs what the portal itself asks its endpoint in place of a verify token.
_OWN_QUESTION = Signer(salt="webhooks.own-question")

inbox_workers = Waker("webhooks.process_inbox")

# One statement, and so one transaction, that enters the tenant and writes: row security sees the setting when it checks
# the row. %b sends the values as they are; as text, the body would travel in twice as many hexadecimal digits.
_INSERT = f"""
    INSERT INTO webhooks_delivery (partner_id, meta_app_id, received_at, sealed_body, size, status, problem)
    SELECT partner::bigint, %b, statement_timestamp(), %b, %b, 'received', ''
    FROM set_config('{TENANT}', %t, true) AS partner
"""


@dataclass(frozen=True)
class KnownApp:
    """What the endpoint needs of a Meta app, held in memory for some seconds.

    Each secret is opened when it is needed: the handshake needs no app secret, a delivery no verify token. What no key
    opens raises `UnknownKey`.
    """

    pk: int
    partner_id: int
    sealed_secret: bytes = field(repr=False)
    sealed_verify_token: bytes = field(repr=False)
    read_at: float
    sealed_previous_secret: bytes = field(default=b"", repr=False)

    @cached_property
    def secret(self) -> str:
        """The app's secret, in the clear."""
        return unseal(self.sealed_secret)

    @cached_property
    def verify_token(self) -> str:
        """The verify token, in the clear."""
        return unseal(self.sealed_verify_token)

    def signed(self, body: bytes, header: str | None) -> bool:
        """Whether the body is signed with the app's secret, or with the one before it while that is not retired.

        Raises `UnknownKey` when only the previous one could tell and no key opens it.
        """
        if is_valid(body, header, self.secret):
            return True
        if not self.sealed_previous_secret or not is_valid(body, header, unseal(self.sealed_previous_secret)):
            return False
        _note_previous_secret(self)
        return True


_known: dict[str, KnownApp] = {}
# When each app's previous secret was last written down as verifying.
_noted: dict[int, float] = {}


def find_app(app_id: str, newest: bool = False) -> KnownApp | None:
    """The app of this Meta app id; None for an unknown one. `newest` reads again unless just read."""
    known = _known.get(app_id)
    age = time.monotonic() - known.read_at if known else None
    if age is not None and age < (FRESH_FOR_SECONDS if newest else KNOWN_FOR_SECONDS):
        return known
    with platform():
        app = MetaApp.objects.filter(app_id=app_id).first()
    if app is None:
        _known.pop(app_id, None)
        return None
    sealed = bytes(app.sealed_secret), bytes(app.sealed_verify_token)
    previous = bytes(app.sealed_previous_secret or b"")
    _known[app_id] = KnownApp(app.pk, app.partner_id, *sealed, time.monotonic(), previous)
    return _known[app_id]


def is_signed(app_id: str, body: bytes, header: str | None) -> bool:
    """Whether the body is signed with a secret of the app's, also with one that was typed in a moment ago."""
    known = find_app(app_id)
    if known is not None and known.signed(body, header):
        return True
    newer = find_app(app_id, newest=True)
    return newer is not None and newer != known and newer.signed(body, header)


def is_verify_token(app_id: str, token: str) -> bool:
    """Whether the token is the one of the app's verification handshake."""
    app = find_app(app_id, newest=True)
    return app is not None and hmac.compare_digest(app.verify_token.encode(), token.encode(errors="replace"))


def note_handshake(app: KnownApp, token: str) -> None:
    """Write down that Meta's verification with this token was answered; it comes rarely, never with a delivery."""
    with tenant(app.partner_id):
        row = Handshake(partner_id=app.partner_id, meta_app_id=app.pk, token_hash=hash_of(app.pk, token))
        Handshake.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["meta_app"], update_fields=["last_at", "token_hash"]
        )


def own_question() -> str:
    """A wrong verify token by which the endpoint knows that the portal itself asks: refused, and not counted."""
    return _OWN_QUESTION.sign("own question")


def is_own_question(token: str) -> bool:
    """Whether this is a token of `own_question`."""
    try:
        return bool(_OWN_QUESTION.unsign(token))
    except BadSignature:
        return False


def store(app: KnownApp, body: bytes) -> None:
    """Write the delivery in one statement, committed on return, and wake the workers."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        # A plain psycopg cursor: prepared on the server, and no ORM on the hot path.
        psycopg.Cursor(connection.connection).execute(
            _INSERT, (app.pk, seal(body), len(body), str(app.partner_id)), prepare=True
        )
    inbox_workers.wake()


def count_refusal(app: KnownApp, reason: str) -> None:
    """Count a refused request; nothing else of it is kept."""
    logger.warning("webhook of app %s refused: %s", app.pk, reason)
    _count(app, reason)


def _note_previous_secret(app: KnownApp) -> None:
    """Write down that the previous secret still verifies, once in a while: nothing is written for each webhook."""
    if time.monotonic() - _noted.get(app.pk, -math.inf) > NOTED_FOR_SECONDS:
        _noted[app.pk] = time.monotonic()
        _count(app, RefusedCount.PREVIOUS_SECRET)


def _count(app: KnownApp, reason: str) -> None:
    today = {"meta_app_id": app.pk, "day": timezone.now().date(), "reason": reason}
    with tenant(app.partner_id):
        if not RefusedCount.objects.filter(**today).update(count=F("count") + 1, last_at=timezone.now()):
            first = RefusedCount(partner_id=app.partner_id, count=1, last_at=timezone.now(), **today)
            RefusedCount.objects.bulk_create([first], ignore_conflicts=True)
