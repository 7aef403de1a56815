"""Celery's way to the exports of the audit log."""

from celery import shared_task

from partners.audit import exporting

# A sweep asks again for what no worker has begun.
EXPIRES_SECONDS = 60


@shared_task(name="audit.export")
def export(partner_id: int, export_id: int) -> None:
    """Make one export; does nothing where the partner has no such export to be made."""
    exporting.make_export(partner_id, export_id)


@shared_task(name="audit.sweep")
def sweep() -> None:
    """Have every waiting export made, and forget the old ones."""
    exporting.forget_old()
    for partner_id, export_id in exporting.to_make():
        export.apply_async((partner_id, export_id), expires=EXPIRES_SECONDS)
