"""The environment of one start: variables, `.env`, and what the embedded stack left in its VAR_DIR."""

import json
import os
import secrets
import sys
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, cast
from urllib.parse import urlsplit

import environ

from config.variables import LOOPBACK_HOSTS, ConfigurationError, Variables, is_loopback

PROJECT = Path(__file__).resolve().parent.parent
SECRETS_FILE = "secrets.env"
SERVICES_FILE = "services.json"
# What one start was told, every command on the same VAR_DIR is to know while that stack runs.
SETTINGS_OF_A_STACK = (
    "PORT",
    "SANDBOX_PORT",
    "PUBLIC_URL",
    "ALLOWED_HOSTS",
    "DATABASE_PLATFORM_ROLE",
    "META_GRAPH_URL",
    "META_GRAPH_VERSION",
    "META_DIALOG_URL",
    "META_MANAGEMENT_URL",
    "META_TIMEOUT",
    "META_FLOW_CONFIG_IN",
    "META_VERTICAL_MESSAGING",
    "META_VERTICAL_DATA_INTEGRATION",
)
META_GRAPH_URL = "https://graph.facebook.com"
META_WEB_URL = "https://www.facebook.com"
META_BUSINESS_URL = "https://business.facebook.com"
MANAGEMENT_PATH = "/latest/business_app_store/manage_external_business_connection"
POSTGRESQL = ("postgresql", "postgres")
PLATFORM_ROLE = "portal_platform"
# TLS from the start, TLS by STARTTLS, and neither; for trying things out: a directory, the terminal.
MAIL_SERVERS = ("smtp+ssl", "smtp+tls", "smtp", "filemail", "consolemail")
LOG_LEVELS = ("INFO", "DEBUG", "WARNING", "ERROR")
# Nothing listens there: what needs a database fails at once, and `manage.py` says how to start one.
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/portal"
NO_BROKER = "redis://127.0.0.1:1/0"


@dataclass(frozen=True)
class Environment:
    """Everything that differs between installations, checked."""

    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    debug: bool
    log_level: str
    allowed_hosts: tuple[str, ...]
    public_url: str
    trusted_proxies: int
    database_url: str = field(repr=False)
    database_owner_url: str = field(repr=False)
    database_platform_role: str
    redis_url: str = field(repr=False)
    email_url: str = field(repr=False)
    from_email: str
    graph_url: str
    graph_version: str
    dialog_url: str
    management_url: str
    meta_timeout: float
    feeds_may_be_private: bool
    flow_config_in: Literal["setup", "extras"]
    vertical_codes: dict[str, str]
    port: int
    sandbox_port: int
    var_dir: Path
    is_embedded: bool
    is_running: bool
    uses_sandbox: bool


def load(*, knows_stack: bool = True) -> Environment:
    """Read this process's environment; a missing or malformed value ends it with one line on stderr and exit code 2.

    The start of a stack itself wants to know nothing of an earlier one on its VAR_DIR.
    """
    try:
        return resolve(read_variables(os.environ, knows_stack=knows_stack))
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None


def read_variables(process: Mapping[str, str], *, knows_stack: bool = True) -> Variables:
    """Join the process's variables, those of `.env` (or ENV_FILE) and, for an embedded stack, its VAR_DIR's secrets
    and what its start was told.

    The first that names a variable wins, in this order.
    """
    named = {name: value for name, value in process.items() if value.strip()}
    values = _read_file(PROJECT / process.get("ENV_FILE", ".env"), named)
    if not values.get("DATABASE_URL") and not values.get("REDIS_URL"):
        directory = var_dir(Variables(values))
        values = _read_file(directory / SECRETS_FILE, values)
        services = _running_services(directory) if knows_stack else {}
        values = {name: services[name] for name in SETTINGS_OF_A_STACK if name in services} | values
    return Variables(values)


def var_dir(variables: Variables) -> Path:
    """Name the directory of the embedded services, made by the first start; a relative one is inside the project."""
    directory = PROJECT / Path(variables.text("VAR_DIR", "var")).expanduser()
    nearest = next(each for each in (directory, *directory.parents) if each.exists())
    if not nearest.is_dir():
        raise ConfigurationError(f"VAR_DIR must be a directory, and {nearest} is none")
    return directory


def resolve(variables: Variables) -> Environment:
    """Check the variables and fill in what follows from them; raise ConfigurationError with the line to show."""
    is_embedded = _is_embedded(variables)
    directory = var_dir(variables)
    services = _running_services(directory) if is_embedded else _given_services(variables)
    secret_key, encryption_keys = _secrets(variables, is_embedded, bool(services))
    uses_sandbox = is_embedded and not variables.text("META_GRAPH_URL")
    port, sandbox_port = _ports(variables, uses_sandbox)
    public_url = variables.address("PUBLIC_URL", f"http://127.0.0.1:{port}", path_allowed=False)
    graph_version = variables.matching("META_GRAPH_VERSION", "v25.0", r"v[0-9]{1,3}\.[0-9]{1,2}", "v25.0")
    sandbox_url = f"http://127.0.0.1:{sandbox_port}" if uses_sandbox else ""
    return Environment(
        secret_key=secret_key,
        encryption_keys=encryption_keys,
        debug=variables.flag("DEBUG"),
        log_level=variables.choice("LOG_LEVEL", LOG_LEVELS),
        allowed_hosts=variables.hosts("ALLOWED_HOSTS") or _hosts_of(public_url),
        public_url=public_url,
        trusted_proxies=variables.count("TRUSTED_PROXIES", 9),
        database_url=services.get("DATABASE_URL", NO_DATABASE),
        database_owner_url=services.get("DATABASE_OWNER_URL", ""),
        database_platform_role=_platform_role(variables),
        redis_url=services.get("REDIS_URL", NO_BROKER),
        email_url=_service_if_named(variables, "EMAIL_URL", MAIL_SERVERS),
        from_email=variables.mail_address("DEFAULT_FROM_EMAIL", f"portal@{urlsplit(public_url).hostname}"),
        graph_url=variables.address("META_GRAPH_URL", sandbox_url or META_GRAPH_URL),
        graph_version=graph_version,
        dialog_url=variables.address("META_DIALOG_URL", f"{sandbox_url or META_WEB_URL}/{graph_version}/dialog/oauth"),
        management_url=variables.address("META_MANAGEMENT_URL", (sandbox_url or META_BUSINESS_URL) + MANAGEMENT_PATH),
        meta_timeout=variables.number("META_TIMEOUT", 10, 1, 20),
        feeds_may_be_private=variables.flag("FEEDS_MAY_BE_PRIVATE"),
        flow_config_in=cast(Literal["setup", "extras"], variables.choice("META_FLOW_CONFIG_IN", ("setup", "extras"))),
        vertical_codes={name: _vertical_code(variables, name) for name in ("MESSAGING", "DATA_INTEGRATION")},
        port=port,
        sandbox_port=sandbox_port,
        var_dir=directory,
        is_embedded=is_embedded,
        is_running=bool(services),
        uses_sandbox=uses_sandbox,
    )


def _ports(variables: Variables, uses_sandbox: bool) -> tuple[int, int]:
    port, sandbox_port = variables.port("PORT", 8000), variables.port("SANDBOX_PORT", 8001)
    if uses_sandbox and port == sandbox_port:
        raise ConfigurationError(f"SANDBOX_PORT must differ from PORT, which is {port}")
    return port, sandbox_port


def _platform_role(variables: Variables) -> str:
    return variables.matching("DATABASE_PLATFORM_ROLE", PLATFORM_ROLE, "[a-z_][a-z0-9_]*", PLATFORM_ROLE)


def _is_embedded(variables: Variables) -> bool:
    names = ("DATABASE_URL", "REDIS_URL")
    missing = [name for name in names if not variables.text(name)]
    if len(missing) == 1:
        other = next(name for name in names if name not in missing)
        raise ConfigurationError(f"{missing[0]} is not set, but {other} is: set both, or neither for embedded services")
    return bool(missing)


def _given_services(variables: Variables) -> dict[str, str]:
    return {
        "DATABASE_URL": variables.service("DATABASE_URL", POSTGRESQL),
        "DATABASE_OWNER_URL": _service_if_named(variables, "DATABASE_OWNER_URL", POSTGRESQL),
        "REDIS_URL": variables.service("REDIS_URL", ("redis", "rediss")),
    }


def _service_if_named(variables: Variables, name: str, schemes: tuple[str, ...]) -> str:
    return variables.service(name, schemes) if variables.text(name) else ""


def _running_services(directory: Path) -> dict[str, str]:
    try:
        return dict(json.loads((directory / SERVICES_FILE).read_text()))
    except FileNotFoundError:
        return {}


def _secrets(variables: Variables, is_embedded: bool, is_running: bool) -> tuple[str, tuple[str, ...]]:
    if is_embedded and not is_running:
        # Before the first `make run` nothing is stored: keys of the moment serve the commands that need no database.
        variables = Variables({**new_secrets(), **variables.values})
    why = "a stack on DATABASE_URL and REDIS_URL takes its secrets from the environment"
    if is_embedded:
        why = f"{SECRETS_FILE} is missing in VAR_DIR; stop the stack and start it with `make run`"
    secret_key = variables.required("SECRET_KEY", why)
    variables.required("ENCRYPTION_KEYS", why)
    return secret_key, variables.keys("ENCRYPTION_KEYS")


def new_secrets() -> dict[str, str]:
    """Make a SECRET_KEY and one key for ENCRYPTION_KEYS."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def _hosts_of(public_url: str) -> tuple[str, ...]:
    host = urlsplit(public_url).hostname or ""
    return LOOPBACK_HOSTS if is_loopback(host) else (host,)


def _vertical_code(variables: Variables, name: str) -> str:
    return variables.matching(f"META_VERTICAL_{name}", name, r"[A-Z][A-Z0-9_]*", name)


def _read_file(path: Path, values: Mapping[str, str]) -> dict[str, str]:
    class Reader(environ.Env):  # type: ignore[misc]  # the library has no types
        """Env whose variables are a dictionary of its own, so that reading a file changes no process variable."""

        ENVIRON: ClassVar[dict[str, str]] = dict(values)

    if path.is_file():
        Reader.read_env(path)
    return Reader.ENVIRON
