"""Celery's way to imports."""

from celery import shared_task

from golive.migration import taking

# A sweep asks again for what no worker has begun.
EXPIRES_SECONDS = 60


@shared_task(name="migration.take")
def take(partner_id: int, import_id: int) -> None:
    """Take one import; does nothing where the partner has no such import to be taken."""
    taking.take(partner_id, import_id)


@shared_task(name="migration.take_due")
def take_due() -> None:
    """Have what has arrived taken."""
    for partner_id, import_id in taking.to_take():
        take.apply_async((partner_id, import_id), expires=EXPIRES_SECONDS)
