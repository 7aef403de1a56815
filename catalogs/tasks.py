"""Celery's way to the catalogs."""

from celery import shared_task

from catalogs import feeds, finding, healing, pushing, taking

# A sweep asks again for what no worker has begun.
EXPIRES_SECONDS = 60


@shared_task(name="catalogs.push_due")
def push_due() -> None:
    """Find new catalogs, and bring every one that is due in step with its products."""
    finding.look_at_changed()
    healing.resume_stopped()
    pushing.drain()


@shared_task(name="catalogs.take")
def take(partner_id: int, intake_id: int) -> None:
    """Take one intake; does nothing where the partner has no such intake to be taken."""
    taking.take(partner_id, intake_id)


@shared_task(name="catalogs.take_due")
def take_due() -> None:
    """Have what has arrived taken."""
    for partner_id, intake_id in taking.to_take():
        take.apply_async((partner_id, intake_id), expires=EXPIRES_SECONDS)


@shared_task(name="catalogs.fetch_feeds")
def fetch_feeds() -> None:
    """Fetch every feed whose turn it is."""
    feeds.fetch_due()
