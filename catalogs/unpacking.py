"""Files of products as they arrive: compressed or not, and never more of them than there is room for."""

import zlib
from collections.abc import Iterable, Iterator

MOST_BYTES = 200 * 1024 * 1024
MOST_UNPACKED_BYTES = 1024 * 1024 * 1024

_GZIP = b"\x1f\x8b"
_AS_GZIP = zlib.MAX_WBITS | 16
_PIECE = 256 * 1024


class Unreadable(Exception):
    """A file cannot be taken; `code` is one of `catalogs.wording`, with a colon before what it is about."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def unpacked(
    pieces: Iterable[bytes], most: int = MOST_BYTES, most_unpacked: int = MOST_UNPACKED_BYTES
) -> Iterator[bytes]:
    """Give the file's own bytes, piece by piece; what begins as gzip does is unpacked.

    Raises Unreadable where the file is larger than `most` bytes as it comes or `most_unpacked` bytes as it is, and
    where what is compressed is damaged or breaks off.
    """
    bounded = _bounded(pieces, most, "too_big")
    first = next(bounded, b"")
    while len(first) < len(_GZIP) and (more := next(bounded, b"")):
        first += more
    whole = _chained(first, bounded)
    yield from _bounded(_gunzipped(whole) if first.startswith(_GZIP) else whole, most_unpacked, "too_big_unpacked")


def is_gzip(beginning: bytes) -> bool:
    """Whether a file that begins so is unpacked; of less than its first two bytes: whether it may be."""
    return beginning[: len(_GZIP)] == _GZIP[: len(beginning)]


def _bounded(pieces: Iterable[bytes], most: int, code: str) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise Unreadable(code)
        if piece:
            yield piece


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _gunzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack in pieces of a bounded size, however much is in how little; a file may be several, one after another."""
    unpacker = zlib.decompressobj(_AS_GZIP)
    try:
        for piece in pieces:
            given = piece
            while given:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(_AS_GZIP)
                yield unpacker.decompress(given, _PIECE)
                given = unpacker.unconsumed_tail or unpacker.unused_data
    except zlib.error:
        raise Unreadable("bad_gzip") from None
    if not unpacker.eof:
        raise Unreadable("bad_gzip")
