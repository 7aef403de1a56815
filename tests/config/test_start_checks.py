"""A process with a wrong key says so in one line and does not start."""

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection

from config.environment import NO_DATABASE, PROJECT
from partners.keys import fingerprint, use_keys

WEB = ("-c", "import config.wsgi; print('serving')")
LATE = (
    "-c",
    "from django.conf import settings; from dataclasses import replace; real = settings.ENVIRONMENT;"
    f"settings.ENVIRONMENT = replace(real, database_url={NO_DATABASE!r}); import config.wsgi; print('started');"
    "from django.db import connection; connection.cursor(); print('connected')",
)
COMMAND = ("manage.py", "show_business", "nobody", "nothing")
WORKER = ("-m", "celery", "-A", "config.celery", "worker", "--pool", "solo", "--without-gossip", "--without-mingle")
ROTATE = ("manage.py", "rotate_keys")
ADD_PARTNER = ("manage.py", "add_partner", "acme", "--name=Acme", "--app-id=1234", "--app-secret=s", "--verify-token=v")
WRONG = Fernet.generate_key().decode()


def run(words: tuple[str, ...], keys: str) -> subprocess.CompletedProcess[str]:
    """Start a process on the tests' own database."""
    address = urlsplit(settings.ENVIRONMENT.database_url)._replace(path="/" + connection.settings_dict["NAME"])
    variables = {
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PATH": os.environ["PATH"],
        "DATABASE_URL": urlunsplit(address),
        "DATABASE_PLATFORM_ROLE": settings.DATABASE_PLATFORM_ROLE,
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": "x" * 60,
        "ENCRYPTION_KEYS": keys,
        "VAR_DIR": str(settings.ENVIRONMENT.var_dir),
    }
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=PROJECT, env=variables, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("words", [WEB, WORKER, COMMAND], ids=["web", "worker", "command"])
def test_a_process_without_a_key_that_is_in_use_does_not_start(transactional_db: None, words: tuple[str, ...]) -> None:
    use_keys()
    ended = run(words, WRONG)
    assert ended.returncode == 2
    (line,) = [each for each in ended.stderr.splitlines() if "ENCRYPTION_KEYS" in each]
    assert fingerprint(settings.ENCRYPTION_KEYS[0]) in line
    assert "Traceback" not in ended.stderr
    assert "serving" not in ended.stdout


def test_with_its_keys_it_starts_and_records_a_new_one(transactional_db: None) -> None:
    use_keys()
    new = Fernet.generate_key().decode()
    ended = run(WEB, ",".join([new, *settings.ENCRYPTION_KEYS]))
    assert (ended.returncode, ended.stdout) == (0, "serving\n"), ended.stderr
    assert fingerprint(new) in use_keys()


def test_keys_rotate_after_a_start_with_the_new_one_and_nothing_starts_without_it_then(transactional_db: None) -> None:
    old = ",".join(settings.ENCRYPTION_KEYS)
    new = Fernet.generate_key().decode()
    assert run(ADD_PARTNER, old).returncode == 0
    refused = run(ROTATE, f"{new},{old}")
    assert (refused.returncode, refused.stdout) == (2, "")
    (line,) = refused.stderr.splitlines()
    assert "restart every process" in line and "--idle" in line
    assert run(WEB, old).stdout == run(WEB, f"{new},{old}").stdout == "serving\n"
    assert "2 of 2 values encrypted anew" in run(ROTATE, f"{new},{old}").stdout
    ended = run(WEB, old)
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert f"lacks the key with the fingerprint {fingerprint(new)}" in line


def test_without_a_database_it_starts_and_the_first_connection_is_checked(transactional_db: None) -> None:
    use_keys()
    ended = run(LATE, WRONG)
    assert ended.returncode == 2
    assert "connected" not in ended.stdout
    assert "ENCRYPTION_KEYS lacks" in ended.stderr
