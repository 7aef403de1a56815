"""Writing what a look came to: fenced by the claim's attempts, with its history."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone

from features.activation.claims import Claim
from features.activation.models import Activation
from features.activation.outcomes import Outcome
from features.models import Cause, Change, Installation
from partners.tenancy import tenant

_COLUMNS = (
    "state",
    "state_at",
    "actor",
    "steps",
    "checked_at",
    "due_at",
    "not_before",
    "claimed_until",
    "failures",
    "cause",
)


def settle(claim: Claim, outcomes: Sequence[tuple[Activation, Outcome]]) -> None:
    """Write the outcomes of the rows that are still this worker's, and give the claim back."""
    by_row = {row.pk: (row, outcome) for row, outcome in outcomes}
    now = timezone.now()
    with tenant(claim.installation.partner_id):
        held = list(claim.held().order_by("pk").select_for_update())
        changes = []
        for current in held:
            claimed, outcome = by_row[current.pk]
            before = current.state
            _write(current, claimed, outcome, now)
            if current.state != before:
                changes.append(_change(claim.installation, current, claimed.cause, before, now))
        Activation.objects.bulk_update(held, _COLUMNS)
        Change.objects.bulk_create(changes)


def _write(current: Activation, claimed: Activation, outcome: Outcome, now: datetime) -> None:
    current.claimed_until = None
    current.checked_at = now
    current.failures = current.failures + 1 if outcome.is_failure else 0
    if not outcome.keeps:
        if current.state != outcome.state:
            current.state, current.state_at = outcome.state, now
        current.actor = outcome.actor
        current.steps = [_plain(step) for step in outcome.steps]
    again = None if outcome.again is None else now + outcome.again
    current.not_before = again if outcome.must_wait else None
    # Whoever asked for a look during this one is still to have it.
    if current.requested == claimed.requested:
        current.due_at, current.cause = again, Cause.RECONCILE


def _plain(step: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(step).items() if value not in ("", {}, False)}


def _change(installation: Installation, row: Activation, cause: str, before: str, now: datetime) -> Change:
    return Change(
        partner_id=row.partner_id,
        installation=installation,
        feature_id=row.feature_id,
        occurred_at=now,
        kind=Change.Kind.ACTIVATION,
        cause=cause,
        generation=installation.applied_generation,
        before={"activation": before},
        after={"activation": row.state},
    )
