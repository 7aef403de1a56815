"""Which keys have sealed what is kept, so that a wrong or missing one is found at the start, not as garbage later."""

import base64
import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import ProgrammingError, connection, transaction
from psycopg.errors import UndefinedColumn, UndefinedTable

from partners.encryption import UnknownKey, unseal_bytes
from partners.models import EncryptionKey, MetaApp
from partners.tenancy import platform

# Processes that start together take turns: none may record a key that another is about to find wrong.
_RECORDING = 0x6B657973


def fingerprint(key: str) -> str:
    """The name of a key: a short hash, which reveals nothing of 32 random bytes, however they are written."""
    return hashlib.sha256(b"encryption key " + base64.b64decode(key.translate(_PLAIN))).hexdigest()[:12]


_PLAIN = str.maketrans("-_", "+/")


def ring() -> dict[str, str]:
    """The keys of `ENCRYPTION_KEYS` by fingerprint, newest first."""
    return {fingerprint(key): key for key in settings.ENCRYPTION_KEYS}


def problem_with_keys() -> str:
    """Say in one line what is wrong with `ENCRYPTION_KEYS`, and the remedy; empty when all is well.

    Before the first migration nothing is sealed, and so nothing can be wrong.
    """
    try:
        with transaction.atomic():
            recorded = list(EncryptionKey.objects.order_by("first_used_at", "fingerprint"))
            return _missing(recorded) if recorded else _unopened()
    except ProgrammingError as error:
        if isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
            return ""
        raise


def use_keys() -> str:
    """As `problem_with_keys`; where nothing is wrong, the newest key counts as used from now on.

    The first time every key does, since nobody knows which of them sealed what is there.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s), to_regclass(%s)", [_RECORDING, EncryptionKey._meta.db_table])
        if cursor.fetchone()[1] is None:
            return ""
        problem = problem_with_keys()
        if not problem:
            names = list(ring())
            used = names[:1] if EncryptionKey.objects.exists() else names
            EncryptionKey.objects.bulk_create([EncryptionKey(fingerprint=each) for each in used], ignore_conflicts=True)
    return problem


def is_newest_used() -> bool:
    """Whether some process has used the newest key: one, at least; nothing here tells of all."""
    return EncryptionKey.objects.filter(fingerprint=next(iter(ring()))).exists()


def forget(name: str) -> bool:
    """Do without the key of this fingerprint, which is lost with all that it sealed; whether it was ever used."""
    with transaction.atomic():
        is_known = bool(EncryptionKey.objects.filter(fingerprint=name).delete()[0])
        if is_known and not EncryptionKey.objects.exists():
            EncryptionKey.objects.create(fingerprint=next(iter(ring())))
    return is_known


def _missing(recorded: Sequence[EncryptionKey]) -> str:
    missing = [each for each in recorded if each.fingerprint not in ring()]
    if not missing:
        return ""
    named = ", ".join(f"{each.fingerprint} (in use since {each.first_used_at:%Y-%m-%d %H:%M} UTC)" for each in missing)
    return (
        f"ENCRYPTION_KEYS lacks the key with the fingerprint {named}; it has {', '.join(ring())}."
        " Put the missing one back, behind the newest: a key can go when `manage.py rotate_keys` says so."
        f" If it is lost for good, stop everything: `manage.py rotate_keys --idle --forget {missing[0].fingerprint}`"
        " gives it up"
    )


def _unopened() -> str:
    """No key was ever recorded: what is sealed has to open, or its key would be lost sight of."""
    with platform():
        sealed = list(MetaApp.objects.order_by("pk").values_list("app_id", "sealed_secret"))
    for app_id, secret in sealed:
        try:
            unseal_bytes(secret)
        except UnknownKey:
            return (
                f"ENCRYPTION_KEYS has {', '.join(ring())}, and none of them opens the secret of app {app_id};"
                " put the key that sealed it back, behind the newest"
            )
    return ""


def check_keys(databases: Sequence[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """Django's check of the same, where the database is checked."""
    problem = problem_with_keys() if databases else ""
    return [Error(problem, id="partners.E001")] if problem else []
