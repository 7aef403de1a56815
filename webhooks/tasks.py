"""Celery's way into the inbox."""

import threading

from celery import shared_task

from webhooks import processing

_at_work = threading.Lock()


@shared_task(name="webhooks.process_inbox")
def process_inbox() -> None:
    """Process every waiting delivery, in one thread of the worker.

    The lock is left before the last look, so that a delivery never finds it held by a thread about to stop. What cannot
    be processed now is left to the next sweep.
    """
    handled = 1
    while handled and processing.is_anything_waiting() and _at_work.acquire(blocking=False):
        try:
            handled = processing.process_inbox()
        finally:
            _at_work.release()
