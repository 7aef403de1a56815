"""Celery's way to the uninstalls."""

from celery import shared_task

from features.uninstalling import running


@shared_task(name="uninstalling.run_due")
def run_due() -> None:
    """Go on with every uninstall that is due."""
    running.drain()
