"""The two doors to the database: work for one partner, and the rare work across partners.

Row security does the rest: outside both doors no row of any partner can be read or written. What a door sets lasts for
its transaction only, so a pooled connection carries nothing over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import connection, transaction

TENANT = "portal.partner_id"
# `none` is PostgreSQL's word for the role that signed in.
OWN_ROLE = "none"

_SET = f"set_config('role', %s, true), set_config('{TENANT}', %s, true)"
_ENTER = f"SELECT current_setting('role'), current_setting('{TENANT}', true), {_SET}"
_LEAVE = f"SELECT {_SET}"

# What this thread is inside of: a partner's number, `*` for the platform, nothing outside both doors.
_inside: ContextVar[str] = ContextVar("inside", default="")
_ACROSS = "*"


class WrongDoor(Exception):
    """Work for one partner tried to reach another, or all of them."""


@contextmanager
def tenant(partner_id: int) -> Iterator[None]:
    """One transaction for one partner; raises `WrongDoor` inside another partner's.

    Never call Meta inside it, and never let rows stream out of it.
    """
    with _door(str(partner_id), OWN_ROLE, str(partner_id)):
        yield


@contextmanager
def platform() -> Iterator[None]:
    """One transaction across partners: whose a webhook is, what is due, whose a link is; `WrongDoor` inside a tenant's.

    It takes the platform's role, whose own policies let it see every partner.
    """
    with _door(_ACROSS, settings.DATABASE_PLATFORM_ROLE, ""):
        yield


@contextmanager
def _door(inside: str, role: str, partner: str) -> Iterator[None]:
    around = _inside.get()
    if around not in ("", _ACROSS, inside):
        raise WrongDoor(f"work for partner {around} tried to open {inside!r}")
    is_nested = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if around == inside:
            yield
            return
        cursor.execute(_ENTER, [role, partner])
        before = cursor.fetchone()[:2]
        mark = _inside.set(inside)
        try:
            yield
        finally:
            _inside.reset(mark)
        # An error takes the settings back with its savepoint; a transaction's end takes back all.
        if is_nested and not connection.needs_rollback:
            cursor.execute(_LEAVE, [before[0], before[1] or ""])
