"""The whole stack as processes: what dies comes back, what ends leaves nothing behind."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from config.environment import PROJECT
from tests.stack import Stack, lives
from tests.waiting import PATIENCE_SECONDS, eventually

pytestmark = pytest.mark.long
PARTS = ("database", "broker", "web", "worker", "beat")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    running = Stack(tmp_path / "var").wait_until_ready()
    yield running
    running.end()


def test_a_part_that_is_killed_comes_back_and_the_stack_says_so(stack: Stack) -> None:
    for part in PARTS:
        pid = stack.pids(part)[0]
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: set(stack.pids(part)) - {pid})  # noqa: B023  # asked within this round
        assert f"{part}: was ended by signal 9; starting it again" in stack.said
    eventually(stack.is_ready)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_stays_behind_however_the_stack_ends(tmp_path: Path, number: signal.Signals) -> None:
    stack = Stack(tmp_path / "var").wait_until_ready()
    family = stack.family()
    assert len(family) > len(PARTS)
    stack.end(number)
    eventually(lambda: not any(map(lives, family)))


@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.5, 3.0])
def test_no_process_stays_behind_after_a_start_that_was_interrupted(tmp_path: Path, seconds: float) -> None:
    stack = Stack(tmp_path / "var")
    time.sleep(seconds)
    family = stack.family()
    stack.end(signal.SIGINT)
    assert not any(map(lives, family))
    again = Stack(tmp_path / "var").wait_until_ready()
    assert again.end() == 0


def test_a_stack_that_was_killed_starts_again_with_its_data(tmp_path: Path) -> None:
    directory = tmp_path / "var"
    stack = Stack(directory).wait_until_ready()
    url = json.loads((directory / "services.json").read_text())["DATABASE_OWNER_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (line text)")
    secrets = (directory / "secrets.env").read_text()
    stack.end(signal.SIGKILL)
    again = Stack(directory, PORT=str(stack.port)).wait_until_ready()
    url = json.loads((directory / "services.json").read_text())["DATABASE_OWNER_URL"]
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert (directory / "secrets.env").read_text() == secrets
    again.end()


def test_two_stacks_run_side_by_side_and_one_directory_has_one(stack: Stack, tmp_path: Path) -> None:
    other = Stack(tmp_path / "other").wait_until_ready()
    assert stack.is_ready() and other.is_ready()
    second = Stack(tmp_path / "var2", VAR_DIR=str(stack.directory))
    assert second.process.wait(PATIENCE_SECONDS) == 1
    assert second.said == f"a stack is running already in VAR_DIR {stack.directory}\n"
    assert other.end() == 0
    assert stack.is_ready()


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_busy_port_is_named_in_one_line(tmp_path: Path, name: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        stack = Stack(tmp_path / "var", META_GRAPH_URL="", **{name: str(port)})
        assert stack.process.wait(PATIENCE_SECONDS) == 1
    assert stack.said == f"port {port} is in use; set {name} to another one\n"


def test_a_deep_directory_that_only_its_owner_may_enter_will_do(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    stack = Stack(closed / ("a long name " * 12).strip() / "var").wait_until_ready()
    assert closed.stat().st_mode & 0o777 == 0o700
    assert stack.end() == 0


def test_nobody_else_can_read_the_secrets_or_enter_the_services(stack: Stack) -> None:
    assert stack.directory.stat().st_mode & 0o077 == 0
    for name in ("secrets.env", "services.json", "services-password"):
        assert stat.S_IMODE((stack.directory / name).stat().st_mode) == 0o600
    services = json.loads((stack.directory / "services.json").read_text())
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(re.sub(":[^:@]+@", ":wrong@", services["DATABASE_URL"]))
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(re.sub(":[^:@]+@", "@", services["DATABASE_URL"]))


def test_wrong_settings_stop_the_start_with_one_line(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "var", META_TIMEOUT="soon")
    assert stack.process.wait(PATIENCE_SECONDS) == 2
    assert stack.said == "META_TIMEOUT must be a number, not 'soon'\n"


def test_a_command_runs_between_embedded_services_and_its_code_is_ours(tmp_path: Path) -> None:
    script = "import config.environment as e; raise SystemExit(7 if e.load().is_running else 8)"
    environment = {**os.environ, "VAR_DIR": str(tmp_path / "var"), "ENV_FILE": os.devnull}
    command = [sys.executable, "-m", "config.stack", sys.executable, "-c", script]
    assert subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode == 7
    assert not (tmp_path / "var" / "services.json").exists()
