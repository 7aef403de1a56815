"""Celery's way to the activations."""

from celery import shared_task

from features.activation import asking, running


@shared_task(name="activation.run_due")
def run_due() -> None:
    """Look at every activation that is due."""
    running.drain()


@shared_task(name="activation.begin_missing")
def begin_missing() -> None:
    """Begin with the features that came before there were activations."""
    asking.begin_missing()
