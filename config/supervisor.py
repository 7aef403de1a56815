"""Starts the parts of a stack, keeps them running and leaves none behind."""

import fcntl
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO

from config.environment import PROJECT
from config.parts import STOP_SECONDS, Ledger, Part, Process

POLL_SECONDS = 0.05
READY_SECONDS = 60.0
STEADY_SECONDS = 10.0
MOST_PAUSE_SECONDS = 30.0
TRIES_AT_START = 3
# A terminal and a caller may both pass one Ctrl-C on.
SAME_WISH_SECONDS = 0.5


class StackError(Exception):
    """The stack cannot start or go on; the message is one line."""


class Stopped(Exception):
    """Somebody asked the supervisor to stop."""


class Supervisor:
    """Runs parts in one VAR_DIR. All of it happens in one thread; signals only set a flag that every wait looks at."""

    def __init__(self, directory: Path, say: Callable[[str], None]) -> None:
        self.directory = directory
        self.say = say
        self.asked_at: float | None = None
        self.is_urgent = False
        self.running: dict[str, Process] = {}
        self.tasks: list[Process] = []
        self.pauses: dict[str, float] = {}
        self.waiting: dict[str, tuple[float, Part]] = {}
        self.ledger = Ledger(directory / "processes.json")
        self.lock: IO[str] | None = None

    def take_over(self) -> None:
        """Take the VAR_DIR for this process alone, and end what an abrupt end has left in it."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.directory / "log").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StackError(f"VAR_DIR {self.directory} cannot be used: {error.strerror}") from None
        self.lock = (self.directory / "lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"a stack is running already in VAR_DIR {self.directory}") from None
        self._listen()
        self.ledger.end_leftovers()

    def start(self, *parts: Part) -> None:
        """Start parts; they live until `stop`."""
        for part in parts:
            self.running[part.name] = self._spawn(part)

    def wait_until_ready(self, *parts: Part) -> None:
        """Return when all answer; StackError when one does not within a minute or dies again and again."""
        ends_at = time.monotonic() + READY_SECONDS
        missing = list(parts)
        deaths = dict.fromkeys((part.name for part in parts), 0)
        while missing := [part for part in missing if not self._is_ready(part)]:
            for name in self.look_after():
                deaths[name] = deaths.get(name, 0) + 1
                if deaths[name] == TRIES_AT_START:
                    raise StackError(f"{name} does not start; see {self._log(name)}")
            if time.monotonic() > ends_at:
                raise StackError(f"{missing[0].name} does not answer; see {self._log(missing[0].name)}")
            self.pause()

    def run(self, *parts: Part) -> None:
        """Run parts that end by themselves, side by side; StackError for one that fails."""
        try:
            for part in parts:
                self.tasks.append(self._spawn(part))
            while any(task.exit_code is None for task in self.tasks):
                self.look_after()
                self.pause()
            for task in self.tasks:
                if task.exit_code:
                    raise StackError(f"{task.part.name} failed: {task.last_line()} (see {task.log})")
        finally:
            while self.tasks:
                self.tasks.pop().kill()

    def watch(self) -> None:
        """Keep the parts running until somebody asks to stop."""
        while True:
            self.look_after()
            self.pause()

    def look_after(self) -> list[str]:
        """Start again what has died, sooner or later; name what has died since the last look."""
        dead = [name for name, process in self.running.items() if process.exit_code is not None]
        for name in dead:
            self._bury(self.running.pop(name))
        for name, (at, part) in list(self.waiting.items()):
            if time.monotonic() >= at:
                del self.waiting[name]
                self.start(part)
        return dead

    def pause(self) -> None:
        """Wait a moment; raise Stopped when somebody asked to stop."""
        if self.asked_at is None:
            time.sleep(POLL_SECONDS)
        if self.asked_at is not None:
            raise Stopped

    def stop(self, *last: str) -> None:
        """End all parts, the ones named last, because the others stand on them; a second Ctrl-C means at once."""
        for names in (self.running.keys() - set(last), self.running.keys() & set(last)):
            processes = [self.running.pop(name) for name in names]
            for process in processes:
                process.ask_to_stop()
            ends_at = time.monotonic() + STOP_SECONDS
            while any(process.exit_code is None for process in processes):
                if self.is_urgent or time.monotonic() > ends_at:
                    break
                time.sleep(POLL_SECONDS)
            for process in processes:
                process.kill()

    def _listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # What the caller chose to ignore (nohup) stays ignored, but for the two that end a stack.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.asked_at is None:
            self.asked_at = now
        elif now > self.asked_at + SAME_WISH_SECONDS:
            self.is_urgent = True

    def _spawn(self, part: Part) -> Process:
        process = Process(part, log=self._log(part.name), directory=PROJECT)
        self.ledger.write([other.pid for other in (*self.running.values(), *self.tasks, process)])
        return process

    def _is_ready(self, part: Part) -> bool:
        return part.name in self.running and part.is_ready()

    def _bury(self, process: Process) -> None:
        name, code = process.part.name, process.exit_code or 0
        process.kill()
        pause = 0.0
        if process.seconds() < STEADY_SECONDS:
            pause = min(MOST_PAUSE_SECONDS, max(0.5, 2 * self.pauses.get(name, 0.0)))
        self.pauses[name] = pause
        self.waiting[name] = (time.monotonic() + pause, process.part)
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        last = process.last_line() if code >= 0 else ""
        when = f" in {pause:g} s" if pause else ""
        self.say(f"{name}: {how}{f' ({last[:200]})' if last else ''}; starting it again{when}")

    def _log(self, name: str) -> Path:
        return self.directory / "log" / f"{name}.log"


def say(line: str) -> None:
    """Print a line at once, also into a pipe; a closed one is no reason to end."""
    with suppress(OSError):
        print(line, flush=True)


def complain(line: str) -> None:
    """Print a line on stderr."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)
