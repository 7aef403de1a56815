"""Test events to a pixel's Conversions API: asked for by people, sent by a worker, answered by Meta (meta-api, 9.1)."""

import hashlib
import logging
import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from features.activation.asking import ask as ask_for_look
from features.activation.models import PixelCheck
from features.activation.outcomes import words_of
from features.claims import ClaimLost, pause
from features.fetching import NoUsableToken, with_tokens
from features.graph import assets_for
from features.models import AccessToken, Cause, Feature
from features.tokens import alive_tokens_of
from mbe.asset_answers import EventsAnswer
from mbe.errors import GraphError, RateLimited
from partners.tenancy import platform, tenant
from partners.wake import Waker

logger = logging.getLogger(__name__)

workers = Waker("activation.send_test_events")

RENEW_AFTER_SECONDS = 5
# A website's event needs one; nobody's own is sent.
USER_AGENT = "Mozilla/5.0 (compatible; test event of a Meta Business Extension portal)"


@dataclass
class Claim:
    """The right to send one test event; the attempt's number is its fence."""

    check: PixelCheck
    tokens: list[AccessToken]
    renewed: float = field(default_factory=time.monotonic)

    def keep(self) -> None:
        """Renew the lease before a further call, unless it is fresh; raises `ClaimLost` when it is gone."""
        if time.monotonic() - self.renewed < RENEW_AFTER_SECONDS:
            return
        with tenant(self.check.partner_id):
            if not _held(self).update(claimed_until=_lease_end()):
                raise ClaimLost
        self.renewed = time.monotonic()


def ask(feature: Feature, *, test_event_code: str, source_url: str, asked_by: str) -> PixelCheck:
    """Ask for a test event to the feature's pixel, in the place of the one before; inside the tenant."""
    values: dict[str, Any] = {
        "pixel_id": str(feature.connected_assets["pixel_id"]),
        "test_event_code": test_event_code,
        "source_url": source_url,
        "asked_by": asked_by,
        "asked_at": timezone.now(),
        "claimed_until": None,
        "ended_at": None,
        "received": None,
        "messages": [],
        "trace_id": "",
        "error": "",
    }
    check, is_new = PixelCheck.objects.get_or_create(
        feature=feature, defaults={"partner_id": feature.partner_id, **values}
    )
    if not is_new:
        PixelCheck.objects.filter(pk=check.pk).update(attempt=F("attempt") + 1, **values)
        check.refresh_from_db()
    transaction.on_commit(workers.wake)
    return check


def send_due() -> int:
    """Send every test event that waits, one after the other; how many were."""
    sent = 0
    while claim := claim_one():
        _send(claim)
        sent += 1
    return sent


def claim_one() -> Claim | None:
    """Claim the test event that has waited longest and whose app Meta does not make wait."""
    with platform():
        waiting = PixelCheck.objects.filter(
            Q(claimed_until=None) | Q(claimed_until__lt=Now()),
            Q(feature__installation__meta_app__paused_until=None)
            | Q(feature__installation__meta_app__paused_until__lte=Now()),
            ended_at=None,
        )
        related = ("feature__installation__business", "feature__installation__meta_app")
        chosen = waiting.select_related(*related).order_by("asked_at").select_for_update(of=("self",), skip_locked=True)
        check = chosen.first()
        if check is None:
            return None
        PixelCheck.objects.filter(pk=check.pk).update(attempt=F("attempt") + 1, claimed_until=_lease_end())
        check.attempt += 1
        installation = check.feature.installation
        return Claim(check, alive_tokens_of(installation.pk))


def _send(claim: Claim) -> None:
    check = claim.check
    try:
        answer = _ask_meta(claim)
    except RateLimited as error:
        if error.scope == "app":
            # The app's own pause holds it back until then.
            pause(check.feature.installation.meta_app, error.wait_seconds)
            _settle(claim, claimed_until=None)
        else:
            _settle(claim, ended_at=timezone.now(), error=words_of(error))
    except ClaimLost:
        return
    except (GraphError, NoUsableToken) as error:
        _settle(claim, ended_at=timezone.now(), error=words_of(error))
    except Exception as error:  # Whatever is wrong with this one, such as a secret no key opens, the next one is sent.
        logger.exception("test event %s not sent", check.pk)
        _settle(claim, ended_at=timezone.now(), error=type(error).__name__)
    else:
        _settle(
            claim,
            ended_at=timezone.now(),
            received=answer.received,
            messages=list(answer.messages),
            trace_id=answer.trace_id[:255],
        )


def _ask_meta(claim: Claim) -> EventsAnswer:
    check = claim.check
    client = assets_for(check.feature.installation.meta_app)
    events = [event_of(check)]
    return with_tokens(
        claim,
        lambda token: client.send_events(check.pixel_id, token, events, test_event_code=check.test_event_code),
    )


def event_of(check: PixelCheck) -> dict[str, Any]:
    """Give the one event: somebody has looked at a page of the business's site."""
    external_id = check.feature.installation.business.external_business_id
    return {
        "event_name": "PageView",
        "event_time": int(time.time()),
        "event_id": uuid.uuid4().hex,
        "action_source": "website",
        "event_source_url": check.source_url,
        "user_data": {
            "client_user_agent": USER_AGENT,
            "external_id": [hashlib.sha256(external_id.strip().lower().encode()).hexdigest()],
        },
    }


def _settle(claim: Claim, **columns: Any) -> None:
    """Write what came of it, unless somebody has asked anew or another worker has taken over."""
    with tenant(claim.check.partner_id):
        if _held(claim).update(**{"claimed_until": None} | columns):
            ask_for_look([claim.check.feature], Cause.STAFF)


def _held(claim: Claim) -> QuerySet[PixelCheck]:
    return PixelCheck.objects.filter(pk=claim.check.pk, attempt=claim.check.attempt).exclude(claimed_until=None)


def _lease_end() -> object:
    return Now() + timedelta(seconds=settings.CLAIM_SECONDS)
