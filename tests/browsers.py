"""The Chromium of the browser tests, and the end of a test that waits for it for ever.

Most calls of the driver give up by themselves; some have no limit (`close`, `evaluate`), and a stack trace of the
threads does not show which one waits. Without its Chromium each of them fails, at its line.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

import psutil
import pytest
from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Far longer than any browser test takes on a busy machine, and shorter than `faulthandler_timeout`.
PATIENCE_SECONDS = 600


def program() -> str:
    """Where the system's Chromium is; skips where there is none, unless REQUIRE_BROWSER is set."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set, but there is no Chromium")
        pytest.skip("no Chromium on this machine: this browser test did not run")
    return found


class Chromium:
    """One browser for many tests, started anew after it died."""

    def __init__(self, playwright: Playwright, program: str) -> None:
        self._playwright = playwright
        self._program = program
        self._browser: Browser | None = None

    def running(self) -> Browser:
        """The browser."""
        if self._browser is None or not self._browser.is_connected():
            # Chromium's own sandbox does not work as root.
            self._browser = self._playwright.chromium.launch(
                executable_path=self._program, chromium_sandbox=os.geteuid() != 0
            )
        return self._browser

    def close(self) -> None:
        """End it, if it runs."""
        if self._browser is not None:
            self._browser.close()


@contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """Let nothing in here wait for Chromium for longer: then it is killed, and the call that waits fails."""
    timer = Timer(seconds, _kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _kill() -> None:
    """Kill every Chromium that this process started (its driver did)."""
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name():
                process.kill()
        except psutil.NoSuchProcess:
            continue
