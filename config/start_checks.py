"""What must be right before a process serves: web server, worker, and every command that needs the database."""

import os
import sys

from django.conf import settings
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created
from django.utils.module_loading import import_string

from config.probes import is_database_there

EXIT_CODE = 2

# Each gives one line that says what is wrong and the remedy, or nothing. By name: Django may not be set up yet.
CHECKS = ("config.database_roles.problem_with_role", "partners.keys.use_keys")

# These are how a database or a key gets right again, or look at neither.
UNCHECKED_COMMANDS = ("check", "migrate", "makemigrations", "showmigrations", "dbshell", "rotate_keys")


def refuse_to_start_if_unsafe(**kwargs: object) -> None:
    """End this process with one line and exit code 2 where it would be unsafe; also a receiver of `worker_init`.

    Without a database it starts as ever, and the first connection is checked.
    """
    if not is_database_there(settings.ENVIRONMENT.database_url):
        check_the_first_connection()
        return
    try:
        problem = _problem()
    except OperationalError:
        check_the_first_connection()
        return
    # Nobody else uses this process's connections yet; who does comes with a thread or a process of its own.
    connection.close()
    if settings.DATABASES["default"]["OPTIONS"].get("pool"):
        connection.close_pool()  # type: ignore[attr-defined]  # the base class knows no pool
    if problem:
        _say(problem)
        raise SystemExit(EXIT_CODE)


def check_the_first_connection() -> None:
    """Check when the process first connects, once; one that would be unsafe ends at once."""
    connection_created.connect(_check_once, dispatch_uid="start checks")


def check_command(words: list[str]) -> None:
    """Check the first connection of the command that these words of a command line name, unless it is about repair."""
    if len(words) > 1 and words[1] not in UNCHECKED_COMMANDS:
        check_the_first_connection()


def _check_once(**kwargs: object) -> None:
    if not connection_created.disconnect(_check_once, dispatch_uid="start checks"):
        return
    try:
        problem = _problem()
    except OperationalError:
        check_the_first_connection()
        raise
    if problem:
        _say(problem)
        # Some thread of a server found out: an exception would end that thread alone.
        os._exit(EXIT_CODE)


def _problem() -> str:
    return next(filter(None, (str(import_string(each)()) for each in CHECKS)), "")


def _say(problem: str) -> None:
    print(problem, file=sys.stderr, flush=True)
