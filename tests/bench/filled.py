"""Databases full of rows, each filled once in a run, whichever measurements use it."""

from django.conf import settings

from tests.bench.admin_rows import fill
from tests.bench.databases import drop, recreate
from tests.bench.parts import process_aside

_names: dict[int, str] = {}


def filled(businesses: int) -> str:
    """The name of a database with so many businesses."""
    if businesses not in _names:
        name = f"bench_{businesses}"
        recreate(settings.ENVIRONMENT.database_owner_url, name)
        with process_aside(name) as aside:
            aside.submit(fill, businesses).result()
        _names[businesses] = name
    return _names[businesses]


def drop_filled() -> None:
    """Drop them all."""
    for name in _names.values():
        drop(settings.ENVIRONMENT.database_owner_url, name)
    _names.clear()
