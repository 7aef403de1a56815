"""Django's command line, with the settings of this project."""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import OperationalError

from config.start_checks import check_command

# As a shell says of whoever was ended with Ctrl-C.
INTERRUPTED = 130


def main() -> None:
    """Run the management command that the arguments name; where Ctrl-C ends it, say so in one line.

    What a command itself knows of its interruption it says itself.
    """
    try:
        _run()
    except KeyboardInterrupt:
        print(f"interrupted: {' '.join(sys.argv[1:2])} did not finish; run it once more", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _run() -> None:
    """Without a database say in one line how to get one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # One command needs one connection; a pool would try for its whole time-out before it says that there is no server.
    settings.DATABASES["default"]["OPTIONS"].pop("pool", None)
    check_command(sys.argv)
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        # An error of the server's has a state; none means that there was no connection.
        if getattr(error.__cause__, "sqlstate", None) is not None:
            raise
        place = f"in VAR_DIR {settings.ENVIRONMENT.var_dir}; start it with `make run`"
        print("no database answers", place if settings.ENVIRONMENT.is_embedded else "at DATABASE_URL", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
