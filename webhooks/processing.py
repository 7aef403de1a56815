"""Working through the inbox: from a stored body to hints, never to feature records."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import OperationalError, transaction
from django.utils import timezone

from features.hints import mark_dirty
from features.models import Cause, Installation
from features.tokens import ReceivedToken, keep
from features.wake import workers_when_quiet
from mbe.errors import UnreadableBody
from mbe.events import Notice, parse_redacted
from mbe.redaction import redact
from partners.encryption import UnknownKey, seal
from partners.tenancy import platform
from webhooks.bodies import replace_bodies
from webhooks.kept_tokens import KeptTokens
from webhooks.models import DeliveredNotice, Delivery
from webhooks.resolving import Resolver

logger = logging.getLogger(__name__)

SWEEP_ROWS = 200
SWEEP_BYTES = 32 * 1024 * 1024


@dataclass
class Sorted:
    """What a sweep found: rows to write, tokens to keep, installations to hint, bodies without their secrets."""

    notices: list[DeliveredNotice] = field(default_factory=list)
    tokens: list[ReceivedToken] = field(default_factory=list)
    hinted: set[int] = field(default_factory=set)
    uninstalled: set[int] = field(default_factory=set)
    bodies: dict[int, bytes] = field(default_factory=dict)


def process_inbox() -> int:
    """Process waiting deliveries, a sweep at a time, until none waits or none can be processed now; how many were."""
    handled = 0
    while (ids := _waiting()) and (done := _process(ids)):
        handled += done
    return handled


def is_anything_waiting() -> bool:
    """Whether a delivery waits to be processed."""
    with platform():
        return Delivery.objects.filter(status=Delivery.Status.RECEIVED).exists()


def _waiting() -> list[int]:
    """The oldest waiting deliveries, as many as one sweep takes in rows and bytes (one at least)."""
    chosen: list[int] = []
    room = SWEEP_BYTES
    with platform():
        rows = Delivery.objects.filter(status=Delivery.Status.RECEIVED).order_by("pk").values_list("pk", "size")
        for pk, size in rows.select_for_update(skip_locked=True)[:SWEEP_ROWS]:
            room -= size
            if chosen and room < 0:
                break
            chosen.append(pk)
    return chosen


def _process(ids: Sequence[int]) -> int:
    try:
        return _sweep(ids)
    except Exception:  # One delivery's surprise must not hold back the others of its sweep.
        logger.exception("a sweep of %s deliveries broke off; processing one by one", len(ids))
        return sum(_alone(each) for each in ids)


def _alone(delivery_id: int) -> int:
    try:
        return _sweep([delivery_id])
    except OperationalError:
        # The database's own trouble (a deadlock, no connection) is not the delivery's: it goes on waiting.
        logger.exception("delivery %s could not be processed now", delivery_id)
        return 0
    except Exception as error:  # Kept and shown; staff can have it processed again.
        logger.exception("delivery %s could not be processed", delivery_id)
        with platform():
            problem = str(error) if isinstance(error, UnknownKey) else type(error).__name__
            Delivery.objects.filter(pk=delivery_id).update(
                status=Delivery.Status.FAILED, problem=problem, processed_at=timezone.now()
            )
        return 1


def _sweep(ids: Sequence[int]) -> int:
    with platform():
        deliveries = list(
            Delivery.objects.filter(pk__in=ids, status=Delivery.Status.RECEIVED)
            .order_by("pk")
            .select_for_update(skip_locked=True)
        )
        found = Sorted()
        parsed = [(delivery, _parse(delivery, found)) for delivery in deliveries]
        _sort(parsed, found)
        _write(found, deliveries)
        transaction.on_commit(workers_when_quiet.wake)
    return len(deliveries)


def _parse(delivery: Delivery, found: Sorted) -> list[Notice]:
    """The notices of a delivery; its new status is set on the row."""
    delivery.status, delivery.problem = Delivery.Status.PROCESSED, ""
    raw = delivery.raw_body
    try:
        redacted = redact(raw)
        notices = parse_redacted(redacted)
    except UnreadableBody as error:
        delivery.status, delivery.problem = Delivery.Status.UNREADABLE, str(error)[:500]
        return []
    if redacted.body != raw:
        found.bodies[delivery.pk] = redacted.body
    return notices


def _sort(parsed: list[tuple[Delivery, list[Notice]]], result: Sorted) -> None:
    resolver, kept = Resolver(parsed), KeptTokens(parsed)
    for delivery, notices in parsed:
        for position, notice in enumerate(notices):
            outcome, installations = resolver.resolve(delivery, notice)
            token = notice.access_token or kept.of(delivery, notice)
            result.notices.append(_row(delivery, position, notice, token, outcome, installations))
            ids = {each.pk for each in installations}
            result.hinted |= ids
            # One that lists what is left tells of a part: whose token dies afterwards has not left.
            if notice.says_uninstall and not notice.feature_instance_ids:
                result.uninstalled |= ids
            if token:
                result.tokens += [
                    ReceivedToken(each, token, received_at=delivery.received_at) for each in installations
                ]


def _row(
    delivery: Delivery,
    position: int,
    notice: Notice,
    token: str,
    outcome: DeliveredNotice.Outcome,
    installations: Sequence[Installation],
) -> DeliveredNotice:
    # Only a notice that nobody else has the token of keeps it: not one with installations, nor a repetition.
    waits = token and not installations and outcome != DeliveredNotice.Outcome.DUPLICATE
    return DeliveredNotice(
        partner_id=delivery.partner_id,
        meta_app_id=delivery.meta_app_id,
        delivery=delivery,
        position=position,
        digest=notice.digest,
        field=notice.field[:128],
        fbe_event=notice.fbe_event[:128],
        external_business_id=notice.external_business_id[:200],
        business_manager_id=notice.business_manager_id[:64],
        sealed_token=seal(token) if waits else None,
        says_uninstall=notice.says_uninstall,
        sent_at=_moment(notice.sent_at),
        outcome=outcome,
        installation=installations[0] if installations else None,
    )


def _moment(seconds: int | None) -> datetime | None:
    """Meta's time of sending; None for one that no calendar holds."""
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _write(found: Sorted, deliveries: list[Delivery]) -> None:
    written = ("digest", "field", "fbe_event", "external_business_id", "business_manager_id", "sealed_token")
    DeliveredNotice.objects.bulk_create(
        found.notices,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["delivery", "position"],
        update_fields=[*written, "says_uninstall", "sent_at", "outcome", "installation"],
    )
    keep(found.tokens)
    mark_dirty(Installation.objects.filter(pk__in=found.hinted), Cause.WEBHOOK, uninstalled=found.uninstalled)
    now = timezone.now()
    for delivery in deliveries:
        delivery.processed_at = now
    Delivery.objects.bulk_update(deliveries, ["status", "problem", "processed_at"])
    replace_bodies(found.bodies)
