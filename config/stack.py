"""The whole stack, which `make run` starts: what it is made of, in which order it starts, where to click."""

import json
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from celery import Celery

from config.embedded import (
    Services,
    broker_part,
    choose,
    database_part,
    ensure_secrets,
    finish_database,
    is_free,
    prepare_database,
)
from config.embedded_roles import prepare_roles
from config.environment import PROJECT, Environment, load
from config.parts import STOP_SECONDS, Part
from config.supervisor import POLL_SECONDS, StackError, Stopped, Supervisor, complain, say
from config.translations import compile_translations

WEB_WORKERS = 2
WEB_THREADS = 8
TASK_THREADS = 8
# The others stand on these two.
SERVICES = ("database", "broker")


def main(command: list[str]) -> int:
    """Run the portal until somebody stops it, or the command between embedded services; return the exit code."""
    environment = load(knows_stack=False)
    supervisor = Supervisor(environment.var_dir, say)
    try:
        supervisor.take_over()
        return _run(supervisor, environment, command)
    except StackError as error:
        complain(str(error))
    except PermissionError as error:
        complain(f"VAR_DIR {environment.var_dir} cannot be used: {error}")
    return 1


def _run(supervisor: Supervisor, environment: Environment, command: list[str]) -> int:
    try:
        if not command:
            _check_ports(environment)
        if environment.is_embedded:
            start_services(supervisor, environment.database_platform_role)
        compile_translations(PROJECT / "locale")
        (environment.var_dir / "static").mkdir(exist_ok=True)
        if command:
            return _run_command(supervisor, command)
        _start_portal(supervisor, load())
        supervisor.watch()
    except Stopped:
        return 0
    finally:
        supervisor.stop(*SERVICES)
        Services.withdraw(environment.var_dir)
    return 0


def start_services(supervisor: Supervisor, platform_role: str) -> None:
    """Start the embedded PostgreSQL and Valkey, wait until they answer, and announce them in the VAR_DIR."""
    ensure_secrets(supervisor.directory)
    services = choose(supervisor.directory)
    broker = broker_part(services)
    supervisor.start(broker)
    if new_cluster := prepare_database(services):
        say("making the database")
        supervisor.run(new_cluster)
        finish_database(services)
    database = database_part(services)
    supervisor.start(database)
    supervisor.wait_until_ready(database, broker)
    prepare_roles(services, platform_role)
    services.announce()


def _start_portal(supervisor: Supervisor, environment: Environment) -> None:
    parts = [web_part(environment), worker_part(environment), beat_part(environment)]
    if environment.uses_sandbox:
        sandbox = sandbox_part(environment)
        supervisor.start(sandbox)
        parts.append(sandbox)
    say("starting the portal")
    supervisor.run(_management_command("migrate", "--noinput"))
    supervisor.start(*parts[:3])
    if environment.uses_sandbox:
        supervisor.run(_management_command("seed_demo"))
    supervisor.wait_until_ready(*parts)
    say(_welcome(environment))


def _run_command(supervisor: Supervisor, command: list[str]) -> int:
    process = subprocess.Popen(command, cwd=PROJECT)
    while process.poll() is None and supervisor.asked_at is None:
        supervisor.look_after()
        time.sleep(POLL_SECONDS)
    try:
        # It has had a terminal's Ctrl-C itself, and tidies up.
        return process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.terminate()
        return process.wait()


def _check_ports(environment: Environment) -> None:
    ports = {"PORT": environment.port}
    if environment.uses_sandbox:
        ports["SANDBOX_PORT"] = environment.sandbox_port
    for name, port in ports.items():
        if not is_free(port):
            raise StackError(f"port {port} is in use; set {name} to another one")


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def _management_command(name: str, *options: str) -> Part:
    return Part(name, _python("manage.py", name, *options))


def web_part(environment: Environment) -> Part:
    """The web server."""
    options = {
        "--interface": "wsgi",
        "--http": "1",
        "--host": "127.0.0.1",
        "--port": environment.port,
        "--workers": WEB_WORKERS,
        "--blocking-threads": WEB_THREADS,
        "--workers-kill-timeout": 3,
        "--log-level": environment.log_level.lower(),
    }
    words = [str(word) for pair in options.items() for word in pair]
    command = _python("-m", "granian", *words, "--no-ws", "--respawn-failed-workers", "config.wsgi:application")
    return Part("web", command, lambda: _answers(environment.port, "/readyz", environment.public_url))


def worker_part(environment: Environment) -> Part:
    """The Celery worker."""
    name = f"portal-{environment.port}@localhost"
    broker = Celery(broker=environment.redis_url, set_as_current=False)
    options = ["--pool", "threads", "--concurrency", str(TASK_THREADS), "--hostname", name]
    options += ["--loglevel", environment.log_level]
    command = _python("-m", "celery", "-A", "config.celery", "worker", *options, "--without-gossip", "--without-mingle")
    return Part("worker", command, lambda: bool(broker.control.ping(destination=[name], timeout=0.5)))


def beat_part(environment: Environment) -> Part:
    """Celery beat."""
    directory = environment.var_dir / "beat"
    directory.mkdir(mode=0o700, exist_ok=True)
    begun_at = time.time()
    options = ("--schedule", str(directory / "schedule"), "--pidfile", "", "--loglevel", environment.log_level)
    command = _python("-m", "celery", "-A", "config.celery", "beat", *options)
    # Beat writes its schedule once it has begun to keep it.
    return Part("beat", command, lambda: any(path.stat().st_mtime >= begun_at for path in directory.iterdir()))


def sandbox_part(environment: Environment) -> Part:
    """The sandbox Meta."""
    state = environment.var_dir / "sandbox.json"
    command = _python("-m", "sandbox", "--port", str(environment.sandbox_port), "--state", str(state))
    return Part("sandbox", command, lambda: _answers(environment.sandbox_port, "/healthz"))


def _answers(port: int, path: str, public_url: str = "") -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": urlsplit(public_url).netloc} if public_url else {})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _welcome(environment: Environment) -> str:
    lines = ["", f"The portal runs at {environment.public_url}"]
    demo_file = environment.var_dir / "demo.json"
    if environment.uses_sandbox and demo_file.exists():
        demo = json.loads(demo_file.read_text())
        lines += [
            f"  Merchant page  {demo['merchant_url']}",
            f"  Admin          {demo['admin_url']}  (user {demo['admin_username']}, password {demo['admin_password']})",
            f"  Sandbox Meta   http://127.0.0.1:{environment.sandbox_port}/",
        ]
    else:
        lines.append(f"  Admin          {environment.public_url}/admin/")
    return "\n".join([*lines, f"  Logs           {environment.var_dir / 'log'}", "Ctrl-C stops it."])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
