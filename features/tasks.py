"""Celery's way into the engine."""

from celery import shared_task

from features import reconcile as reconciling
from features import sync
from features.healing import ask_where_the_secret_is_new


@shared_task(name="features.sync_due")
def sync_due() -> None:
    """Sync every installation that is due, those too that a new app secret frees."""
    ask_where_the_secret_is_new()
    sync.drain()


@shared_task(name="features.reconcile")
def reconcile() -> None:
    """Look at every connection whose turn it is."""
    reconciling.reconcile()
