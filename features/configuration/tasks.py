"""Celery's way to the pushes."""

from celery import shared_task

from features.configuration import pushing


@shared_task(name="configuration.push_due")
def push_due() -> None:
    """Push whatever is due."""
    pushing.drain()
