"""The two doors to the database: work for one partner, and the rare work across partners."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

TENANT = "portal.partner_id"
ACROSS = "*"


@contextmanager
def tenant(partner_id: int) -> Iterator[None]:
    """One transaction for one partner; the tenant is set for this transaction alone.

    Never call Meta inside it, and never let rows stream out of it.
    """
    with _transaction_as(str(partner_id)):
        yield


@contextmanager
def platform() -> Iterator[None]:
    """One transaction across partners: finding whose a webhook is, what is due, whose a link is."""
    with _transaction_as(ACROSS):
        yield


@contextmanager
def _transaction_as(value: str) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true), set_config(%s, %s, true)", [TENANT, TENANT, value])
        before = cursor.fetchone()[0] or ""
        yield
        if before != value and before:
            cursor.execute("SELECT set_config(%s, %s, true)", [TENANT, before])
