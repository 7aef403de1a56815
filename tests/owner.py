"""The tests' database as its owner, who may do what the portal's own role may not."""

from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection


def connect_as_owner() -> psycopg.Connection[tuple[object, ...]]:
    """A connection of its own, outside the test's transaction; every statement is committed."""
    url = urlsplit(settings.ENVIRONMENT.database_owner_url)._replace(path=str(connection.settings_dict["NAME"]))
    return psycopg.connect(url.geturl(), autocommit=True)
