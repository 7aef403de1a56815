"""Re-encrypting whatever is sealed with the newest key, a little at a time, while everything else goes on writing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db.models import BinaryField, F, Func, Model, QuerySet

from partners.encryption import UnknownKey, is_newest, seal, unseal_bytes
from partners.keys import ring
from partners.models import EncryptionKey
from partners.tenancy import platform

# Every column that `seal` fills. By name: this room may not import those above it, and a rotation that knew only its
# own tables would leave the rest with a key that is then thrown away.
SEALED_COLUMNS: dict[str, tuple[str, ...]] = {
    "partners.MetaApp": ("sealed_secret", "sealed_verify_token", "sealed_previous_secret"),
    "people.Authenticator": ("sealed_key",),
    "features.AccessToken": ("sealed",),
    "webhooks.DeliveredNotice": ("sealed_token",),
    "webhooks.Delivery": ("sealed_body",),
    "migration.ImportPart": ("sealed",),
}

BATCH_ROWS = 500
BATCH_BYTES = 4 * 1024 * 1024
# A pass finds what was written during the one before; processes with the newest key leave nothing.
MOST_PASSES = 5


class NotYet(Exception):
    """Values sealed with an older key kept coming, pass after pass."""


@dataclass(frozen=True)
class Column:
    """One sealed column of one table."""

    model: type[Model]
    name: str

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}.{self.name}"

    @property
    def rows(self) -> QuerySet[Any]:
        """The rows that have something there."""
        return self.model._default_manager.filter(**{f"{self.name}__isnull": False})


@dataclass
class Tally:
    """What a rotation has done so far."""

    looked_at: int = 0
    renewed: int = 0
    left: int = 0
    unknown: dict[str, list[int]] = field(default_factory=dict)

    @cached_property
    def total(self) -> int:
        """How many values there were at the beginning."""
        with platform():
            return sum(column.rows.count() for column in columns())


def columns() -> list[Column]:
    """The sealed columns, each with its model."""
    return [Column(apps.get_model(label), name) for label, names in SEALED_COLUMNS.items() for name in names]


def rotate(progress: Callable[[Tally], None]) -> Tally:
    """Seal everything with the newest key; ends with a pass that found nothing else left. Raises `NotYet`.

    It may be stopped at any moment and begun again: what is renewed already is looked at, and not written.
    """
    tally = Tally()
    for _pass in range(MOST_PASSES):
        tally.looked_at, tally.left, tally.unknown = 0, 0, {}
        for column in columns():
            for batch in _batches(column):
                _renew(column, batch, tally)
                progress(tally)
        if not tally.left:
            return tally
    raise NotYet


def forget_older_keys() -> list[str]:
    """Stop asking for the keys with which nothing is sealed any more: all but the newest; their fingerprints."""
    _newest, *older = ring()
    with platform():
        EncryptionKey.objects.filter(fingerprint__in=older).delete()
    return older


def _batches(column: Column) -> Iterator[list[int]]:
    """The rows by number, few enough at a time for their values to be held in memory."""
    size = Func(F(column.name), function="octet_length")
    last = 0
    while True:
        with platform():
            following = column.rows.filter(pk__gt=last).order_by("pk")
            found = list(following.annotate(bytes=size).values_list("pk", "bytes")[:BATCH_ROWS])
        if not found:
            return
        batch: list[int] = []
        room = BATCH_BYTES
        for pk, length in found:
            room -= length
            if batch and room < 0:
                break
            batch.append(pk)
        last = batch[-1]
        yield batch


def _renew(column: Column, batch: list[int], tally: Tally) -> None:
    with platform():
        values = dict(column.rows.filter(pk__in=batch).values_list("pk", column.name))
    tally.looked_at += len(values)
    older = {pk: bytes(value) for pk, value in values.items() if not is_newest(value)}
    renewed = {}
    for pk, value in older.items():
        try:
            renewed[pk] = seal(unseal_bytes(value))
        except UnknownKey:
            tally.unknown.setdefault(str(column), []).append(pk)
    if renewed:
        tally.left += len(renewed)
        tally.renewed += _write(column, older, renewed)


def _write(column: Column, older: dict[int, bytes], renewed: dict[int, bytes]) -> int:
    """Replace each value that is still what was read; how many were.

    To wait for a row while holding others could be a deadlock: what somebody has locked comes after them, one by one.
    """
    with platform():
        rows = column.rows.filter(pk__in=renewed).select_for_update(skip_locked=True, no_key=True)
        free = list(rows.values_list("pk", flat=True))
        written = sum(_replace(column, pk, older[pk], renewed[pk]) for pk in free)
    for pk in renewed.keys() - set(free):
        with platform():
            written += _replace(column, pk, older[pk], renewed[pk])
    return written


def _replace(column: Column, pk: int, old: bytes, new: bytes) -> int:
    digest = Func(F(column.name), function="sha256", output_field=BinaryField())
    unchanged = column.rows.annotate(digest_now=digest).filter(pk=pk, digest_now=sha256(old).digest())
    return int(unchanged.update(**{column.name: new}))
