"""Encryption at rest with the keys of `ENCRYPTION_KEYS`: the newest seals, every one opens."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UnknownKey(Exception):
    """A sealed value was made with a key that `ENCRYPTION_KEYS` does not hold (any more)."""


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


@lru_cache(maxsize=4)
def _newest(keys: tuple[str, ...]) -> Fernet:
    return Fernet(keys[0])


def seal(plain: str | bytes) -> bytes:
    """Encrypt and authenticate a text (as UTF-8) or bytes with the newest key."""
    data = plain.encode() if isinstance(plain, str) else plain
    return _ring(settings.ENCRYPTION_KEYS).encrypt(data)


def unseal_bytes(sealed: bytes | memoryview) -> bytes:
    """Give back what `seal` took; raises `UnknownKey` when no key of the ring opens it."""
    try:
        return _ring(settings.ENCRYPTION_KEYS).decrypt(bytes(sealed))
    except InvalidToken:
        raise UnknownKey("A stored secret does not open with any key of ENCRYPTION_KEYS.") from None


def is_newest(sealed: bytes | memoryview) -> bool:
    """Whether the newest key sealed it; only the signature is looked at."""
    try:
        _newest(settings.ENCRYPTION_KEYS).extract_timestamp(bytes(sealed))
    except InvalidToken:
        return False
    return True


def unseal(sealed: bytes | memoryview) -> str:
    """`unseal_bytes` for a text."""
    return unseal_bytes(sealed).decode()
