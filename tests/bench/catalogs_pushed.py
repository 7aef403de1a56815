"""What a worker does in the process that is measured: push until every catalog is in step, and say what it took."""

import time
from dataclasses import dataclass
from pathlib import Path

from catalogs.finding import look_at_changed
from catalogs.models import Catalog
from catalogs.pushing import drain
from partners.tenancy import platform

POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Pushed:
    """Seconds, and the process's memory in MB: at the beginning, and at its highest ever."""

    seconds: float
    memory_before: float
    peak_memory: float


def push_all() -> Pushed:
    """Push whatever is due, in the one lane of this thread."""
    look_at_changed()
    _forget_peak()
    before = _peak()
    begun_at = time.perf_counter()
    while not _are_in_step():
        if not drain():
            time.sleep(POLL_SECONDS)
    return Pushed(time.perf_counter() - begun_at, before, _peak())


def _are_in_step() -> bool:
    with platform():
        return not Catalog.objects.exclude(state__in=[Catalog.State.IN_STEP, Catalog.State.ENDED]).exists()


def _forget_peak() -> None:
    # Linux hands a parent's highest size on to its children, and takes this as the word to begin anew.
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    """The highest resident size so far; Linux counts it in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
