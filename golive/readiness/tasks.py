"""Celery's way to the checks."""

from celery import shared_task

from golive.readiness import running

# A sweep asks again for what no worker has begun.
EXPIRES_SECONDS = 60


@shared_task(name="readiness.check")
def check(partner_id: int, meta_app_id: int) -> None:
    """Make the checks of one app; does nothing where the partner has no such app."""
    running.check_app(partner_id, meta_app_id)


@shared_task(name="readiness.check_due")
def check_due() -> None:
    """Have the apps checked whose turn it is."""
    for partner_id, meta_app_id in running.due():
        check.apply_async((partner_id, meta_app_id), expires=EXPIRES_SECONDS)
