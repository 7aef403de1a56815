"""Known secrets, and the search for them in whatever somebody could read: in the clear, and in every usual spelling."""

import base64
import html
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

# What is cut off at the end of a column or of a line is found by its beginning, what is cut at the front by its end.
PIECE = 16
_SESSION = re.compile(rb"(\.?)([A-Za-z0-9_-]{8,}):[A-Za-z0-9]{6}:[A-Za-z0-9_-]{43}")
_GZIP = re.compile(rb"\\\\x(1f8b(?:[0-9a-f]{2})+)")


@dataclass(frozen=True, order=True)
class Place:
    """Something that can be read: which kind of thing it is, and which one."""

    medium: str
    name: str


@dataclass(frozen=True, order=True)
class Find:
    """A secret that stands in a place, by its name; `form` says in which spelling."""

    secret: str
    place: Place
    form: str

    def __str__(self) -> str:
        return f"{self.secret} is in {self.place.medium} {self.place.name} ({self.form})"


class Canaries:
    """Secrets by their names. What it says of them holds the names alone."""

    def __init__(self) -> None:
        self._secrets: dict[bytes, str] = {}

    def add(self, name: str, secret: str | bytes) -> None:
        """Look for this one, too; the first name stays."""
        data = secret.encode() if isinstance(secret, str) else secret
        assert len(data) >= PIECE, f"{name} is too short to be told from chance"
        self._secrets.setdefault(data, name)

    @property
    def names(self) -> set[str]:
        """What is looked for."""
        return set(self._secrets.values())

    def without_secrets(self, text: str) -> str:
        """Put the names of secrets in their place."""
        for secret, name in self._secrets.items():
            text = text.replace(secret.decode("latin-1"), f"<{name}>")
        return text

    def search(self, place: Place, content: bytes) -> Iterator[Find]:
        """Name every secret that stands in the content."""
        for secret, name in self._secrets.items():
            form = next((form for form, needle in _needles(secret) if needle in content), None)
            if form:
                yield Find(name, Place(place.medium, self.without_secrets(place.name)), form)


def unpacked(content: bytes) -> bytes:
    """Add to a dump what stands packed in it: Django's sessions, which are signed only, and compressed files."""
    sessions = b"\n".join(_session(*found.groups()) for found in _SESSION.finditer(content))
    files = b"\n".join(_file(found[1]) for found in _GZIP.finditer(content))
    return b"\n".join((content, sessions, files))


def _session(mark: bytes, text: bytes) -> bytes:
    try:
        data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
        return zlib.decompress(data) if mark else data
    except (ValueError, zlib.error):
        return b""  # It only looked like one.


def _file(text: bytes) -> bytes:
    try:
        return zlib.decompress(bytes.fromhex(text.decode()), 31)
    except zlib.error:
        return b""


@cache
def _needles(secret: bytes) -> tuple[tuple[str, bytes], ...]:
    pieces = dict.fromkeys((secret[:PIECE], secret[-PIECE:]))
    return tuple(dict.fromkeys(needle for piece in pieces for needle in _forms(piece)))


def _forms(piece: bytes) -> Iterator[tuple[str, bytes]]:
    yield "in the clear", piece
    yield "hex", piece.hex().encode()
    yield "hex", piece.hex().upper().encode()
    for shift in range(3):
        yield "base64", _base64(piece, shift)
        yield "base64 for addresses", _base64(piece, shift).translate(bytes.maketrans(b"+/", b"-_"))
    if piece.isascii():
        text = piece.decode()
        once = quote(text, safe="")
        for form, spelt in (
            ("quoted", once),
            ("quoted twice", quote(once)),
            ("JSON", json.dumps(text)[1:-1]),
            ("HTML", html.escape(text)),
        ):
            yield form, spelt.encode()


def _base64(piece: bytes, shift: int) -> bytes:
    """Spell the piece as it stands in base64 behind `shift` other bytes, without the letters that neighbours share."""
    spelt = base64.b64encode(bytes(shift) + piece).rstrip(b"=")
    shared_end = (shift + len(piece)) % 3 != 0
    return spelt[(0, 2, 3)[shift] : len(spelt) - shared_end]
