"""Writing the audit log: who did what to which row."""

import getpass
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Self

from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from partners.addresses import address_of
from partners.audit.models import LONGEST_NAME, Action, AuditEntry, Via
from partners.models import Partner
from partners.tenancy import platform, tenant

# Of each changed field the value before and after.
Changes = Mapping[str, list[Any]]
REPLACED = ["", "replaced"]
LONGEST_VALUE = 500


@dataclass(frozen=True)
class By:
    """Who did it, and from where; `user` is None where nobody is signed in."""

    user: User | None
    name: str
    address: str
    via: Via

    @classmethod
    def request(cls, request: HttpRequest, name: str = "") -> Self:
        """Whoever sent the request; `name` is what one who is not signed in calls oneself."""
        user = request.user if isinstance(request.user, User) else None
        via = Via.ADMIN if request.path_info.startswith(reverse("admin:index")) else Via.PAGE
        return cls(user, name or (user.get_username() if user else ""), address_of(request), via)

    @classmethod
    def command(cls, name: str) -> Self:
        """Whoever runs a command of `manage.py`, by the name that the operating system knows."""
        return cls(None, f"{_system_user()}: manage.py {name}", "", Via.COMMAND)


def record(
    action: Action, row: Model, *, by: By, changes: Changes | None = None, partner_id: int | None = None
) -> AuditEntry:
    """Write one entry, in the transaction of what it is about, and give it back.

    `partner_id` says whose log it belongs to; without one the row says it, and what belongs to no partner (a person) is
    the platform's. It may be called outside the two doors or inside the partner's own; an act of the platform not
    inside a tenant's. `changes` must hold no secret: `REPLACED` stands for its values.
    """
    entry = _entry(action, row, by, changes or {}, partner_id)
    with _door(entry.partner_id):
        entry.save(force_insert=True)
    return entry


def record_all(action: Action, rows: Iterable[Model], *, by: By, changes: Changes | None = None) -> None:
    """Write an entry for each row, with one statement for each partner; `changes` are those of every row."""
    of_partner: dict[int | None, list[AuditEntry]] = {}
    for row in rows:
        entry = _entry(action, row, by, changes or {}, None)
        of_partner.setdefault(entry.partner_id, []).append(entry)
    for partner_id, entries in of_partner.items():
        with _door(partner_id):
            AuditEntry.objects.bulk_create(entries)


def partner_id_of(row: Model) -> int | None:
    """Whose a row is: a partner's own number, the one that the row names, or nobody's."""
    return row.pk if isinstance(row, Partner) else getattr(row, "partner_id", None)


def shortened(value: Any) -> Any:
    """A value as JSON holds it, cut where it is long."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_cut(str(key)): shortened(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [shortened(each) for each in value]
    return _cut(str(value))


def _entry(action: Action, row: Model, by: By, changes: Changes, partner_id: int | None) -> AuditEntry:
    return AuditEntry(
        partner_id=partner_id_of(row) if partner_id is None else partner_id,
        actor=by.user,
        actor_name=_as_text(by.name)[:LONGEST_NAME],
        via=by.via,
        address=by.address or None,
        action=action,
        object_type=row._meta.label_lower,
        object_id=str(row.pk),
        object_name=_as_text(str(row))[:LONGEST_NAME],
        changes={name: [shortened(each) for each in values] for name, values in changes.items()},
    )


def _door(partner_id: int | None) -> AbstractContextManager[None]:
    return platform() if partner_id is None else tenant(partner_id)


def _cut(text: str) -> str:
    text = _as_text(text)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _as_text(text: str) -> str:
    # Neither a NUL nor half a surrogate pair is text for PostgreSQL.
    return text.replace("\0", "").encode(errors="replace").decode()


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # A container's user may have no name.
        return f"uid {os.getuid()}"
