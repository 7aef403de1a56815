"""Keeps the tokens of launch links out of the log: whoever reads it could otherwise open a merchant's page."""

import logging
import re

_TOKEN_IN_PATH = re.compile(r"(/connect/)[^/\s]+")


class LaunchTokenFilter(logging.Filter):
    """Cuts the token out of the paths that Django names when it refuses a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record's arguments; every record passes."""
        if isinstance(record.args, tuple):
            record.args = tuple(_TOKEN_IN_PATH.sub(r"\1…", arg) if isinstance(arg, str) else arg for arg in record.args)
        return True
