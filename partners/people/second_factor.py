"""The second factor: set up with an app, asked for after the password, replaced by a recovery code, removed."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from urllib.parse import quote, urlencode, urlsplit

import segno
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from partners.people.models import Authenticator, RecoveryCode
from partners.people.tokens import hashed

KEY_BYTES = 20
RECOVERY_CODES = 10
# 80 bits: a hash of it cannot be guessed back.
RECOVERY_CODE_BYTES = 10


@dataclass(frozen=True)
class Proof:
    """What a code was worth: `wait_until` says that no code is looked at before."""

    authenticator: Authenticator
    is_right: bool = False
    wait_until: datetime | None = None


def authenticator_of(user: User) -> Authenticator | None:
    """Give the second factor of a person who has set one up."""
    found: Authenticator | None = Authenticator.objects.filter(user_id=user.pk, confirmed=True).first()
    return found


def has_authenticator(user: User) -> bool:
    """Whether this person has set up a second factor."""
    return bool(Authenticator.objects.filter(user_id=user.pk, confirmed=True).exists())


def begin(user: User) -> Authenticator:
    """Make a new key for an app to scan; it counts once a code has proven that the app has it."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        present: Authenticator | None = Authenticator.objects.filter(user_id=user.pk).first()
        if present is not None and present.confirmed:
            return present
        new = present or Authenticator(user_id=user.pk, name="app", confirmed=False)
        new.key = secrets.token_bytes(KEY_BYTES)
        new.save()
        return new


def pending(user: User) -> Authenticator | None:
    """Give the key that waits for its first code."""
    found: Authenticator | None = Authenticator.objects.filter(user_id=user.pk, confirmed=False).first()
    return found


def confirm(authenticator: Authenticator, code: str) -> tuple[Proof, list[str]]:
    """Count the authenticator from now on, if the code is right; give the recovery codes, known this once."""
    with transaction.atomic():
        proof = prove(authenticator, code)
        if not proof.is_right or proof.authenticator.confirmed:
            return proof, []
        proof.authenticator.confirmed = True
        proof.authenticator.save(update_fields=["confirmed"])
        return proof, _new_recovery_codes(proof.authenticator)


def prove(authenticator: Authenticator, code: str) -> Proof:
    """Look at a code of the app, or a recovery code. Each opens once, and wrong ones make the next wait."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        is_allowed, why = row.verify_is_allowed()
        if not is_allowed:
            return Proof(row, wait_until=why["locked_until"])
        if _opens(row, code):
            row.throttle_reset()
            return Proof(row, is_right=True)
        row.throttle_increment()
        return Proof(row)


def remove(user: User) -> bool:
    """Take a person's second factor away, with its recovery codes."""
    return bool(Authenticator.objects.filter(user_id=user.pk).delete()[0])


def qr_code(authenticator: Authenticator) -> bytes:
    """Draw the key as a picture that an app scans (SVG)."""
    drawn = segno.make(_address(authenticator), error="m")
    picture = BytesIO()
    drawn.save(picture, kind="svg", scale=6, border=4, light="#ffffff")
    return picture.getvalue()


def key_for_people(authenticator: Authenticator) -> str:
    """Write the key for those who cannot scan, in groups of four."""
    return " ".join(_groups(_base32(authenticator.key)))


def _address(authenticator: Authenticator) -> str:
    # https://github.com/google/google-authenticator/wiki/Key-Uri-Format
    issuer = urlsplit(settings.PUBLIC_URL).hostname or ""
    query = urlencode({"secret": _base32(authenticator.key), "issuer": issuer})
    return f"otpauth://totp/{quote(issuer)}:{quote(authenticator.user.get_username())}?{query}"


def _opens(row: Authenticator, code: str) -> bool:
    code = "".join(each for each in code if each not in " -").upper()
    step = row.step_of(code)
    if step is not None:
        row.last_step = step
        return True
    return bool(row.confirmed and row.recovery_codes.filter(code_hash=hashed(code)).delete()[0])


def _new_recovery_codes(authenticator: Authenticator) -> list[str]:
    codes = [_base32(secrets.token_bytes(RECOVERY_CODE_BYTES)) for _each in range(RECOVERY_CODES)]
    authenticator.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(authenticator=authenticator, code_hash=hashed(code)) for code in codes
    )
    return ["-".join(_groups(code)) for code in codes]


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")


def _groups(text: str) -> list[str]:
    return [text[start : start + 4] for start in range(0, len(text), 4)]
