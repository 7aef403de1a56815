"""The supervisor with small parts: what dies, what hangs, what cannot start."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.parts import Ledger, Part, Process
from config.supervisor import StackError, Stopped, Supervisor

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
)
FAIL = (sys.executable, "-c", "print('no luck today'); raise SystemExit(3)")


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, lines: list[str]) -> Iterator[Supervisor]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    supervisor = Supervisor(tmp_path, lines.append)
    supervisor.take_over()
    yield supervisor
    supervisor.stop()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _look_until(supervisor: Supervisor, seconds: float, name: str) -> None:
    ends_at = time.monotonic() + seconds
    while name not in supervisor.running and time.monotonic() < ends_at:
        supervisor.look_after()
        time.sleep(0.05)


def test_a_dead_part_is_started_again_and_named(supervisor: Supervisor, lines: list[str]) -> None:
    supervisor.start(Part("sleeper", SLEEP))
    first = supervisor.running["sleeper"]
    os.kill(first.pid, signal.SIGKILL)
    first.popen.wait()
    assert supervisor.look_after() == ["sleeper"]
    _look_until(supervisor, 5, "sleeper")
    assert supervisor.running["sleeper"].pid != first.pid
    assert lines == ["sleeper: was ended by signal 9; starting it again in 0.5 s"]


def test_a_part_that_dies_again_and_again_waits_longer_each_time(supervisor: Supervisor, lines: list[str]) -> None:
    supervisor.start(Part("failing", FAIL))
    for _ in range(2):
        supervisor.running["failing"].popen.wait()
        supervisor.look_after()
        _look_until(supervisor, 5, "failing")
    assert lines == [
        "failing: ended with code 3 (no luck today); starting it again in 0.5 s",
        "failing: ended with code 3 (no luck today); starting it again in 1 s",
    ]


def test_a_part_that_cannot_start_ends_the_wait(supervisor: Supervisor) -> None:
    part = Part("failing", FAIL, lambda: False)
    supervisor.start(part)
    with pytest.raises(StackError, match=r"^failing does not start; see .*failing\.log$"):
        supervisor.wait_until_ready(part)


def test_a_task_that_fails_is_named_with_its_last_words(supervisor: Supervisor) -> None:
    with pytest.raises(StackError, match=r"^task failed: no luck today "):
        supervisor.run(Part("task", FAIL))


def test_a_signal_ends_every_wait(supervisor: Supervisor) -> None:
    before = set(psutil.Process().children())
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        supervisor.run(Part("task", SLEEP))
    assert set(psutil.Process().children()) == before


def test_a_part_that_does_not_listen_is_ended_by_the_second_signal(supervisor: Supervisor) -> None:
    part = Part("deaf", DEAF, lambda: "deaf" in (supervisor.directory / "log" / "deaf.log").read_text())
    supervisor.start(part)
    supervisor.wait_until_ready(part)
    process = supervisor.running["deaf"]
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(1)
    os.kill(os.getpid(), signal.SIGINT)
    begun_at = time.monotonic()
    supervisor.stop()
    assert process.exit_code == -signal.SIGKILL
    assert time.monotonic() - begun_at < 5


def test_one_directory_has_one_supervisor(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(StackError, match=f"^a stack is running already in VAR_DIR {tmp_path}$"):
        Supervisor(tmp_path, print).take_over()


def test_a_directory_that_cannot_be_made_is_named() -> None:
    with pytest.raises(StackError, match=r"^VAR_DIR /proc/none cannot be used: "):
        Supervisor(Path("/proc/none"), print).take_over()


def test_leftovers_of_an_abrupt_end_are_ended_and_strangers_are_not(tmp_path: Path) -> None:
    leftover = Process(Part("left", SLEEP), log=tmp_path / "left.log", directory=tmp_path)
    stranger = Process(Part("stranger", SLEEP), log=tmp_path / "stranger.log", directory=tmp_path)
    ledger = Ledger(tmp_path / "processes.json")
    ledger.write([leftover.pid])
    # The number of a process that has gone is used again by another one.
    entries = [*json.loads(ledger.path.read_text()), [stranger.pid, 1.0]]
    ledger.path.write_text(json.dumps(entries))
    ledger.end_leftovers()
    assert leftover.exit_code is not None
    assert stranger.exit_code is None
    stranger.kill()


def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    Process(Part("part", FAIL), log=log, directory=tmp_path).popen.wait()
    assert log.read_text() == "no luck today\n"
    assert (tmp_path / "part.log.1").stat().st_size > 10 * 1024 * 1024
