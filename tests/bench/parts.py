"""The portal's parts as processes of a measurement: started as the stack starts them, ended whatever happens."""

import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

import django
import psutil
from django.conf import settings

from config import stack
from config.environment import PROJECT
from config.parts import STOP_SECONDS, Part, Process
from tests.bench.databases import addresses_of

READY_SECONDS = 60.0
POLL_SECONDS = 0.05


def portal() -> Part:
    """The web server; PostgreSQL knows its connections as those of `web`."""
    return _named("web", stack.web_part(settings.ENVIRONMENT))


def worker(*options: str) -> Part:
    """The Celery worker; PostgreSQL knows its connections as those of `worker`."""
    part = stack.worker_part(settings.ENVIRONMENT)
    return _named("worker", replace(part, command=(*part.command, *options)))


def beat() -> Part:
    """Celery's clock."""
    return _named("beat", stack.beat_part(settings.ENVIRONMENT))


def sandbox() -> Part:
    """The stand-in for Meta, without a memory on disk."""
    part = stack.sandbox_part(settings.ENVIRONMENT)
    return replace(part, command=part.command[: part.command.index("--state")])


def portal_of(database: str, port: int) -> Part:
    """Another web server, which serves the portal from the database of that name."""
    part = stack.web_part(replace(settings.ENVIRONMENT, port=port))
    return replace(part, name=database, variables=addresses_of(database))


def another_server(name: str, port: int, application: str, settings_module: str) -> Part:
    """The same web server with the same options and settings around another application, which answers any path."""
    part = stack.web_part(replace(settings.ENVIRONMENT, port=port))
    command = (*part.command[:-1], application)
    return replace(part, name=name, command=command, variables={"DJANGO_SETTINGS_MODULE": settings_module})


@contextmanager
def running(*parts: Part) -> Iterator[dict[str, Process]]:
    """Run the parts, by name, as long as the block lasts; it begins when all answer."""
    directory = settings.ENVIRONMENT.var_dir / "log"
    with ExitStack() as ends:
        processes = {}
        for part in parts:
            processes[part.name] = Process(part, log=directory / f"bench-{part.name}.log", directory=PROJECT)
            ends.callback(_end, processes[part.name])
        _wait_until_ready(list(processes.values()))
        yield processes


@contextmanager
def process_aside(database: str = "") -> Iterator[ProcessPoolExecutor]:
    """A fresh Python process for what must not share this one's interpreter, or its database where one is named."""
    setup: dict[str, Any] = {"initializer": _enter, "initargs": (addresses_of(database),)} if database else {}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), **setup) as executor:
        yield executor


def _enter(variables: dict[str, str]) -> None:
    os.environ.update(variables)
    logging.disable(logging.WARNING)
    django.setup()


def cpu_seconds(process: Process) -> float:
    """The processor time that a part and its children have used so far."""
    return sum(times.user + times.system for times in (each.cpu_times() for each in _family(process)))


def memory(process: Process) -> float:
    """The resident size of a part and its children, in MB."""
    return sum(each.memory_info().rss for each in _family(process)) / 1024**2


def _family(process: Process) -> list[psutil.Process]:
    parent = psutil.Process(process.pid)
    return [parent, *parent.children(recursive=True)]


def _named(name: str, part: Part) -> Part:
    url = f"{settings.ENVIRONMENT.database_url}?application_name={name}"
    return replace(part, name=name, variables={"DATABASE_URL": url})


def _wait_until_ready(processes: Sequence[Process]) -> None:
    ends_at = time.monotonic() + READY_SECONDS
    for process in processes:
        while not process.part.is_ready():
            if process.exit_code is not None or time.monotonic() > ends_at:
                sys.exit(f"{process.part.name} does not start: {process.last_line()} (see {process.log})")
            time.sleep(POLL_SECONDS)


def _end(process: Process) -> None:
    process.ask_to_stop()
    ends_at = time.monotonic() + STOP_SECONDS
    while process.exit_code is None and time.monotonic() < ends_at:
        time.sleep(POLL_SECONDS)
    process.kill()
