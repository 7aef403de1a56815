"""What `check --deploy` says about the portal's own settings."""

import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from pytest_django import Settings

from config.deployment import check_meta_hosts, check_proxies
from config.environment import PROJECT

PRODUCTION = {
    "DATABASE_URL": "postgresql://portal@127.0.0.1:1/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "".join(map(chr, range(48, 123))),
    "ENCRYPTION_KEYS": urlsafe_b64encode(bytes(range(32))).decode(),
    "PUBLIC_URL": "https://portal.example.com",
    "TRUSTED_PROXIES": "1",
    "ENV_FILE": os.devnull,
}


def _run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=PROJECT, env={**PRODUCTION, **variables}, capture_output=True, text=True, check=False
    )


def _check(directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    words = ("manage.py", "check", "--deploy", "--tag", "security", "--fail-level", "WARNING")
    return _run(*words, VAR_DIR=str(directory), **variables)


def test_a_production_is_clean(tmp_path: Path) -> None:
    done = _check(tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["META_GRAPH_URL", "META_DIALOG_URL", "META_MANAGEMENT_URL"])
def test_a_stand_in_for_meta_is_named(tmp_path: Path, name: str) -> None:
    done = _check(tmp_path, **{name: "https://meta.example.com/dialog"})
    assert done.returncode == 1
    assert f"(portal.W001) {name} does not lead" in done.stderr


def test_a_proxy_that_nobody_trusts_is_named(tmp_path: Path) -> None:
    done = _check(tmp_path, TRUSTED_PROXIES="0")
    assert done.returncode == 1
    assert "(portal.W002) TRUSTED_PROXIES is 0" in done.stderr


def test_a_stack_for_trying_is_told_nothing_unless_it_asks(settings: Settings) -> None:
    settings.META_GRAPH_URL = settings.META_DIALOG_URL = settings.META_MANAGEMENT_URL = "https://graph.facebook.com/"
    assert not list(check_meta_hosts(None))
    settings.PUBLIC_URL, settings.TRUSTED_PROXIES = "http://127.0.0.1:8000", 0
    assert not list(check_proxies(None))


_ASK = """
import django; django.setup()
from django.test import Client
for extra in ({"secure": True}, {"headers": {"x-forwarded-proto": "https"}}, {}):
    answer = Client(SERVER_NAME="portal.example.com").get("/", **extra)
    print(answer.status_code, dict(answer.headers))
answer = Client(SERVER_NAME="portal.example.com").post(
    "/language/", {"language": "zh-hant", "next": "https://evil.example/"}, secure=True)
print(answer.status_code, dict(answer.headers), answer.cookies.output(header=""))
"""


def test_a_production_speaks_https_only_and_says_so(tmp_path: Path) -> None:
    done = _run("-c", _ASK, VAR_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="config.settings")
    assert done.returncode == 0, done.stderr
    secure, forwarded, plain, language = done.stdout.splitlines()[:4]
    for line in (secure, forwarded):
        assert line.startswith("200 ")
        assert "'Strict-Transport-Security': 'max-age=31536000; includeSubDomains; preload'" in line
    assert plain.startswith("301 ") and "https://portal.example.com/" in plain
    assert language.startswith("302 ") and "evil" not in language
    (cookie,) = SimpleCookie(language.rpartition("}")[2].strip()).values()
    assert cookie.key == "django_language"
    assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"


def test_cookies_of_a_production_belong_to_its_host_alone(tmp_path: Path) -> None:
    words = "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, "
    words += "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY)"
    done = _run("-c", words, VAR_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="config.settings")
    assert done.stdout.split() == ["__Host-sessionid", "__Host-csrftoken", "True", "True", "True", "True"], done.stderr
