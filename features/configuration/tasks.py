"""Celery's way to the pushes."""

from celery import shared_task

from features.configuration import healing, pushing


@shared_task(name="configuration.push_due")
def push_due() -> None:
    """Push whatever is due, those too that a new token or a new app secret frees."""
    healing.resume()
    pushing.drain()
