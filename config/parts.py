"""One part of the running stack: a command as a process of its own, its log, its end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LAUNCHER = Path(__file__).with_name("launch.py")
LOG_BYTES = 10 * 1024 * 1024
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Part:
    """What one part is: its command, how to see that it answers, how to ask it to stop, and who it runs as."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool] = lambda: True
    stop_signal: signal.Signals = signal.SIGTERM
    user: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


class Process:
    """A part while it runs, as the leader of a process group."""

    def __init__(self, part: Part, *, log: Path, directory: Path) -> None:
        """Start the part in the directory; what it prints goes to the end of the log."""
        self.part = part
        self.log = log
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            self.log_start = output.tell()
            launch = [
                sys.executable,
                "-I",
                "-S",
                str(LAUNCHER),
                str(int(part.stop_signal)),
                str(os.getpid()),
                part.user,
            ]
            self.popen = subprocess.Popen(
                [*launch, *part.command],
                cwd=directory,
                env={**os.environ, **part.variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int:
        """The process, which is also the number of its group."""
        return self.popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it lives; minus the signal's number when a signal ended it."""
        return self.popen.poll()

    def seconds(self) -> float:
        """Tell how long ago it was started."""
        return time.monotonic() - self.started_at

    def ask_to_stop(self) -> None:
        """Send the part's stop signal."""
        with suppress(ProcessLookupError):
            self.popen.send_signal(self.part.stop_signal)

    def kill(self) -> None:
        """End what is left of the group at once."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()

    def last_line(self) -> str:
        """Give the last line with words that it printed in this life, or nothing."""
        with self.log.open("rb") as output:
            output.seek(max(self.log_start, self.log.stat().st_size - 4096))
            lines = output.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if any(map(str.isalpha, line))), "")


class Ledger:
    """The processes of a stack on disk, so that the next start can end what an abrupt end has left."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, pids: list[int]) -> None:
        """Note these processes, each with the time of its creation: numbers are used again."""
        entries = []
        for pid in pids:
            with suppress(psutil.NoSuchProcess):
                entries.append([pid, psutil.Process(pid).create_time()])
        self.path.write_text(json.dumps(entries))

    def end_leftovers(self) -> None:
        """End the noted processes that still live: first kindly, then at once."""
        leftovers = [process for pid, created in self._entries() if (process := _find(pid, created))]
        for process in leftovers:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        _gone, alive = psutil.wait_procs(leftovers, timeout=STOP_SECONDS)
        for process in alive:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        psutil.wait_procs(alive, timeout=STOP_SECONDS)

    def _entries(self) -> list[tuple[int, float]]:
        try:
            return [(int(pid), float(created)) for pid, created in json.loads(self.path.read_text())]
        except (FileNotFoundError, ValueError):
            return []


def _find(pid: int, created: float) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        return process if process.create_time() == created else None
    except psutil.NoSuchProcess:
        return None
