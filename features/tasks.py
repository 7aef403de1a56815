"""Celery's way into the engine."""

from celery import shared_task

from features import reconcile as reconciling
from features import sync


@shared_task(name="features.sync_due")
def sync_due() -> None:
    """Sync every installation that is due."""
    sync.drain()


@shared_task(name="features.reconcile")
def reconcile() -> None:
    """Look at every connection whose turn it is."""
    reconciling.reconcile()
