"""Celery's way to the activations."""

from celery import shared_task

from features.activation import asking, pixel_checks, running


@shared_task(name="activation.run_due")
def run_due() -> None:
    """Look at every activation that is due."""
    running.drain()


@shared_task(name="activation.begin_missing")
def begin_missing() -> None:
    """Begin with the features that came before there were activations."""
    asking.begin_missing()


@shared_task(name="activation.send_test_events")
def send_test_events() -> None:
    """Send the test events that people have asked for."""
    pixel_checks.send_due()
