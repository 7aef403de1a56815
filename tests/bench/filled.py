"""Databases full of rows, each filled once in a run, whichever measurements use it."""

from functools import cache

from django.conf import settings

from tests.bench.admin_rows import fill
from tests.bench.databases import drop, recreate
from tests.bench.parts import process_aside


@cache
def filled(businesses: int) -> str:
    """The name of a database with so many businesses."""
    name = _name(businesses)
    recreate(settings.ENVIRONMENT.database_owner_url, name)
    with process_aside(name) as aside:
        aside.submit(fill, businesses).result()
    return name


def drop_filled(businesses: int) -> None:
    """Drop it, if there is one."""
    drop(settings.ENVIRONMENT.database_owner_url, _name(businesses))
    filled.cache_clear()


def _name(businesses: int) -> str:
    return f"bench_{businesses}"
