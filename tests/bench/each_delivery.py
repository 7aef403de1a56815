"""The task that the sweeps are measured against: one for each delivery."""

from celery import shared_task

from webhooks import processing


@shared_task(name="bench.process_delivery")
def process_delivery(delivery_id: int) -> None:
    """Do for one delivery what a sweep does for many."""
    processing._sweep([delivery_id])
