"""Waking the workers without making anybody wait: one coalesced call to the broker for many hints."""

import logging
import threading
import time

from celery import current_app

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.25


class Waker:
    """Publishes one task from a thread of its own, at most once in `PAUSE_SECONDS`, and always after the last call.

    With a `countdown` (seconds) workers begin that much later. A broker that is down costs the caller nothing; the
    regular sweep finds the work.
    """

    def __init__(self, task: str, countdown: float = 0) -> None:
        self._task = task
        self._countdown = countdown
        self._called = threading.Event()
        self._thread: threading.Thread | None = None
        self._start = threading.Lock()

    def wake(self) -> None:
        """Ask for the task; returns at once and never fails."""
        self._called.set()
        if self._thread is None or not self._thread.is_alive():
            self._start_thread()

    def _start_thread(self) -> None:
        with self._start:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=f"wake {self._task}", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._called.wait():
            self._called.clear()
            self._publish()
            time.sleep(PAUSE_SECONDS)

    def _publish(self) -> None:
        try:
            current_app.send_task(self._task, countdown=self._countdown, expires=60, retry=False)
        except Exception as error:  # Whatever the broker's driver raises: the sweep is the answer to all of it.
            logger.warning("could not wake %s: %s", self._task, type(error).__name__)
