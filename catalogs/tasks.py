"""Celery's way to the catalogs."""

from celery import shared_task

from catalogs import finding, pushing


@shared_task(name="catalogs.push_due")
def push_due() -> None:
    """Find new catalogs, and bring every one that is due in step with its products."""
    finding.look_at_changed()
    finding.resume_stopped()
    pushing.drain()
