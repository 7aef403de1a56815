"""How the environment of a start is read, and what it says when it is wrong."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import NO_DATABASE, PROJECT, Environment, read_variables, resolve
from config.variables import ConfigurationError, Variables

KEY = base64.urlsafe_b64encode(bytes(32)).decode()
PRODUCTION = {
    "DATABASE_URL": "postgresql://portal:hush@db/portal",
    "REDIS_URL": "redis://:hush@broker/0",
    "SECRET_KEY": "x" * 50,
    "ENCRYPTION_KEYS": KEY,
    "PUBLIC_URL": "https://portal.example.com",
}


def _resolve(tmp_path: Path, **values: str) -> Environment:
    return resolve(Variables({"VAR_DIR": str(tmp_path), **values}))


def test_with_nothing_set_the_stack_is_embedded_and_plays_meta_itself(tmp_path: Path) -> None:
    environment = _resolve(tmp_path)
    assert environment.is_embedded and environment.uses_sandbox and not environment.is_running
    assert environment.database_url == NO_DATABASE
    assert environment.public_url == "http://127.0.0.1:8000"
    assert environment.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")
    assert environment.graph_url == "http://127.0.0.1:8001"
    assert environment.dialog_url == "http://127.0.0.1:8001/v25.0/dialog/oauth"
    assert not environment.debug and environment.log_level == "INFO"


def test_secrets_of_the_moment_are_never_the_same(tmp_path: Path) -> None:
    one, other = _resolve(tmp_path), _resolve(tmp_path)
    assert one.secret_key != other.secret_key and one.encryption_keys != other.encryption_keys


def test_running_services_are_found_in_the_var_dir(tmp_path: Path) -> None:
    services = {"DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://d"}
    (tmp_path / "services.json").write_text(json.dumps(services))
    (tmp_path / "secrets.env").write_text(f"SECRET_KEY=from-the-file\nENCRYPTION_KEYS={KEY}\n")
    environment = resolve(read_variables({"VAR_DIR": str(tmp_path), "ENV_FILE": "/dev/null"}))
    assert (environment.database_url, environment.redis_url) == ("postgresql://a@b/c", "redis://d")
    assert (environment.secret_key, environment.encryption_keys) == ("from-the-file", (KEY,))
    assert environment.is_running and environment.is_embedded


def test_a_command_knows_what_the_running_stack_was_told_and_a_new_start_does_not(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text(f"SECRET_KEY=from-the-file\nENCRYPTION_KEYS={KEY}\n")
    told = {"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/d", "REDIS_URL": "redis://127.0.0.1:1/0", "PORT": "8123"}
    (tmp_path / "services.json").write_text(json.dumps(told))
    process = {"VAR_DIR": str(tmp_path), "ENV_FILE": "/dev/null"}
    assert resolve(read_variables(process)).public_url == "http://127.0.0.1:8123"
    assert resolve(read_variables(process | {"PORT": "8124"})).port == 8124
    assert resolve(read_variables(process, knows_stack=False)).port == 8000


def test_running_services_without_their_secrets_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / "services.json").write_text(
        json.dumps({"DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://d"})
    )
    with pytest.raises(ConfigurationError, match=r"^SECRET_KEY is not set: secrets\.env is missing"):
        _resolve(tmp_path)


def test_a_variable_of_the_process_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_text("PORT=9000\nMETA_TIMEOUT=3\nDEBUG=true\n")
    variables = read_variables({"VAR_DIR": str(tmp_path), "ENV_FILE": str(file), "PORT": "9100", "DEBUG": ""})
    environment = resolve(variables)
    assert (environment.port, environment.meta_timeout, environment.debug) == (9100, 3.0, True)


def test_production_takes_everything_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text("SECRET_KEY=from-the-file\n")
    environment = resolve(read_variables({"VAR_DIR": str(tmp_path), "ENV_FILE": "/dev/null", **PRODUCTION}))
    assert not environment.is_embedded and not environment.uses_sandbox and environment.is_running
    assert environment.secret_key == PRODUCTION["SECRET_KEY"]
    assert environment.allowed_hosts == ("portal.example.com",)
    assert environment.graph_url == "https://graph.facebook.com"
    assert environment.dialog_url == "https://www.facebook.com/v25.0/dialog/oauth"


def test_another_graph_means_metas_own_dialog_unless_it_is_named(tmp_path: Path) -> None:
    environment = _resolve(tmp_path, META_GRAPH_URL="http://127.0.0.1:7000/")
    assert not environment.uses_sandbox
    assert environment.graph_url == "http://127.0.0.1:7000"
    assert environment.dialog_url == "https://www.facebook.com/v25.0/dialog/oauth"
    assert environment.management_url.startswith("https://business.facebook.com/latest/business_app_store/")
    named = _resolve(tmp_path, META_GRAPH_URL="http://127.0.0.1:7000", META_DIALOG_URL="http://localhost:7000/d")
    assert named.dialog_url == "http://localhost:7000/d"


def test_the_unverified_verticals_take_the_words_given(tmp_path: Path) -> None:
    environment = _resolve(tmp_path, META_VERTICAL_MESSAGING="BUSINESS_MESSAGING")
    assert environment.vertical_codes == {"MESSAGING": "BUSINESS_MESSAGING", "DATA_INTEGRATION": "DATA_INTEGRATION"}


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ENCRYPTION_KEYS"])
def test_what_production_misses_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is not set"):
        _resolve(tmp_path, **{**PRODUCTION, name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db/portal"),
        ("DATABASE_URL", "postgresql://db:port/portal"),
        ("DATABASE_URL", "db"),
        ("REDIS_URL", "http://broker"),
        ("ENCRYPTION_KEYS", "too-short"),
        ("ENCRYPTION_KEYS", f"{KEY},ä"),
        ("PUBLIC_URL", "http://portal.example.com"),
        ("PUBLIC_URL", "http://localhost.example.com"),
        ("PUBLIC_URL", "https://portal.example.com/path"),
        ("PUBLIC_URL", "https://user@portal.example.com"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "http://[::1"),
        ("PUBLIC_URL", "portal"),
        ("ALLOWED_HOSTS", "https://portal.example.com"),
        ("ALLOWED_HOSTS", "portal.example.com, other.example.com:8000"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "10"),
        ("TRUSTED_PROXIES", "10.0.0.1"),
        ("EMAIL_URL", "https://mail.example.com"),
        ("EMAIL_URL", "smtp://user:hush@mail:port"),
        ("DEFAULT_FROM_EMAIL", "portal"),
        ("DEFAULT_FROM_EMAIL", "a@b.example, c@d.example"),
        ("PORT", "0"),
        ("PORT", "http"),
        ("SANDBOX_PORT", "65536"),
        ("DEBUG", "maybe"),
        ("META_GRAPH_URL", "ftp://graph"),
        ("META_GRAPH_URL", "http://graph.example.com"),
        ("META_GRAPH_VERSION", "25"),
        ("META_DIALOG_URL", "dialog"),
        ("LOG_LEVEL", "LOUD"),
        ("META_MANAGEMENT_URL", "https://example.com/?a=b"),
        ("META_TIMEOUT", "0"),
        ("META_TIMEOUT", "21"),
        ("META_TIMEOUT", "nan"),
        ("META_FLOW_CONFIG_IN", "both"),
        ("META_VERTICAL_MESSAGING", "messaging!"),
    ],
)
def test_a_malformed_value_is_named_in_one_line_that_shows_no_password(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _resolve(tmp_path, **{**PRODUCTION, name: value})
    line = str(caught.value)
    assert line.startswith((f"{name} must ", f"{name} is "))
    assert "\n" not in line and "hush" not in line


@pytest.mark.parametrize("hosts", ["*", "portal.example.com,.example.org", "10.0.0.3,[::1],localhost"])
def test_allowed_hosts_are_written_as_django_matches_them(tmp_path: Path, hosts: str) -> None:
    assert _resolve(tmp_path, ALLOWED_HOSTS=hosts).allowed_hosts == tuple(hosts.split(","))


@pytest.mark.parametrize("place", ["file", "file/var"])
def test_a_var_dir_that_can_be_none_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"^VAR_DIR must be a directory, and .*/file is none$"):
        resolve(read_variables({"VAR_DIR": str(tmp_path / place), "ENV_FILE": "/dev/null"}))


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "https://a.example"])
def test_mail_comes_from_the_host_of_the_portal_unless_somebody_else_is_named(tmp_path: Path, url: str) -> None:
    host = url.rpartition("/")[2].rpartition(":8000")[0] or url.rpartition("/")[2]
    environment = _resolve(tmp_path, PUBLIC_URL=url)
    assert environment.from_email == f"portal@{host.strip('[]')}" and not environment.email_url
    named = _resolve(tmp_path, DEFAULT_FROM_EMAIL="Portal <p@a.example>", EMAIL_URL="smtp+tls://u:hush@mail:587")
    assert (named.from_email, named.email_url) == ("Portal <p@a.example>", "smtp+tls://u:hush@mail:587")
    assert "hush" not in repr(named)


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "https://a.example"])
def test_plain_http_is_for_loopback(tmp_path: Path, url: str) -> None:
    assert _resolve(tmp_path, PUBLIC_URL=url).public_url == url


def test_the_sandbox_needs_a_port_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^SANDBOX_PORT must differ from PORT, which is 8001"):
        _resolve(tmp_path, PORT="8001")


def test_secrets_do_not_show_in_a_repr(tmp_path: Path) -> None:
    shown = repr(_resolve(tmp_path, **PRODUCTION))
    assert "hush" not in shown and KEY not in shown and PRODUCTION["SECRET_KEY"] not in shown


@pytest.mark.parametrize("command", [["manage.py", "check"], ["-m", "celery", "-A", "config.celery", "report"]])
def test_every_program_stops_with_one_line_and_code_2(tmp_path: Path, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env={"VAR_DIR": str(tmp_path), "ENV_FILE": "/dev/null", "REDIS_URL": "redis://broker"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "DATABASE_URL is not set, but REDIS_URL is: set both, or neither for embedded services"
    ]


def test_a_command_without_its_database_says_how_to_start_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "showmigrations"],
        cwd=PROJECT,
        env={"VAR_DIR": str(tmp_path), "ENV_FILE": "/dev/null"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"no database answers in VAR_DIR {tmp_path}; start it with `make run`"
    assert "Traceback" not in done.stderr


def test_a_command_that_is_interrupted_says_so_in_one_line(tmp_path: Path) -> None:
    press = "import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler); os.kill(os.getpid(), 2)"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", press],
        cwd=PROJECT,
        env={"VAR_DIR": str(tmp_path), "ENV_FILE": "/dev/null"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == "interrupted: shell did not finish; run it once more"
    assert "Traceback" not in done.stderr
