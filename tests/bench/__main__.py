"""`python -m tests.bench`: put the benchmarks on a database and ports of their own, then measure.

Runs inside the embedded stack (`make bench`), so that nothing but what is thrown away afterwards is ever touched.
"""

import os
import random
import sys

from config.embedded import PORTS, is_free
from config.environment import load
from tests.bench.databases import MAIN, recreate, url_of


def main() -> None:
    """Become the process that measures."""
    environment = load()
    if not (environment.is_embedded and environment.is_running):
        print("the benchmarks need the embedded services: make bench", file=sys.stderr)
        raise SystemExit(2)
    port, sandbox_port = random.sample([port for port in random.sample(PORTS, 20) if is_free(port)], 2)
    recreate(environment.database_owner_url, MAIN)
    variables = {
        "DATABASE_URL": url_of(environment.database_url, MAIN),
        "DATABASE_OWNER_URL": url_of(environment.database_owner_url, MAIN),
        "DATABASE_PLATFORM_ROLE": environment.database_platform_role,
        "REDIS_URL": environment.redis_url,
        "SECRET_KEY": environment.secret_key,
        "ENCRYPTION_KEYS": ",".join(environment.encryption_keys),
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "META_GRAPH_URL": f"http://127.0.0.1:{sandbox_port}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    # Not by `-m`: a process started from there would import that module, and with it the settings, before its own.
    command = [sys.executable, "-c", "import sys; from tests.bench.run import main; sys.exit(main())", *sys.argv[1:]]
    os.execve(sys.executable, command, {**os.environ, **variables})


if __name__ == "__main__":
    main()
