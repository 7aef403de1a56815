"""Celery's way into onboarding."""

from celery import shared_task

from onboarding import connecting, settling


@shared_task(name="onboarding.settle_due")
def settle_due() -> None:
    """End the attempts that started at Meta and of which more is known by now."""
    settling.settle_due()


@shared_task(name="onboarding.note_connected")
def note_connected() -> None:
    """Write on the attempts that came back when a sync found the business connected."""
    connecting.note_connected()
