"""What people do about an uninstall: ask for it, call it off, have it tried at once. Call these inside `tenant`."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from features.hints import mark_dirty
from features.models import Cause, Feature, Installation
from features.uninstalling.models import LONGEST_NAME, Uninstall
from features.uninstalling.obstacles import obstacle
from features.uninstalling.wake import workers
from features.wake import workers as sync_workers

State, Reason = Uninstall.State, Uninstall.Reason


class Impossible(Exception):
    """It cannot be uninstalled from here; the message says why."""


def ask(installation: Installation, feature: Feature | None = None, *, by: str) -> Uninstall:
    """Have a worker uninstall this connection, or this one feature of it.

    What is wanted of single features ends in favour of the whole. Raises `Impossible`.
    """
    locked = Installation.objects.select_for_update().get(pk=installation.pk)
    feature = Feature.objects.get(pk=feature.pk) if feature else None
    if found := obstacle(locked, feature):
        raise Impossible(str(found))
    row = Uninstall.objects.create(
        partner_id=installation.partner_id, installation=installation, feature=feature, asked_by=by[:LONGEST_NAME]
    )
    if feature is None:
        of_features = Uninstall.objects.filter(installation=installation, feature__isnull=False)
        end(of_features.filter(state=State.REQUESTED, sent_at=None), State.CALLED_OFF, Reason.REPLACED)
    transaction.on_commit(workers.wake)
    return row


def call_off(uninstall: Uninstall) -> bool:
    """Let nothing more be sent; False once Meta has acknowledged it, or while a worker is at it.

    Meta may have taken a call whose answer was lost: then a sync looks what is so.
    """
    Installation.objects.select_for_update().get(pk=uninstall.installation_id)
    row = idle().filter(pk=uninstall.pk).first()
    if row is None:
        return False
    end(Uninstall.objects.filter(pk=row.pk), State.CALLED_OFF, Reason.WITHDRAWN)
    if row.sent_at:
        mark_dirty(Installation.objects.filter(pk=row.installation_id), Cause.STAFF)
        transaction.on_commit(sync_workers.wake)
    return True


def try_now(uninstall: Uninstall) -> bool:
    """End the wait after an error; False where there is none, or where Meta itself asked for the wait."""
    waiting = idle().filter(pk=uninstall.pk).exclude(wait=Installation.Wait.LIMIT, not_before__gt=Now())
    tried = waiting.update(not_before=None, wait="", failures=0)
    transaction.on_commit(workers.wake)
    return bool(tried)


def idle() -> QuerySet[Uninstall]:
    """Those that Meta has not acknowledged and that no worker has in hand."""
    nobody_has_it = Q(claimed_until=None) | Q(claimed_until__lt=Now())
    return Uninstall.objects.filter(nobody_has_it, state=State.REQUESTED)


def end(rows: QuerySet[Uninstall], state: Uninstall.State, reason: str = "", **columns: object) -> None:
    """Write the end of these."""
    rows.update(
        state=state, reason=reason, ended_at=timezone.now(), claimed_until=None, not_before=None, wait="", **columns
    )
