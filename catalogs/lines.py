"""The lines of a file that is read in pieces: where each begins, and how one goes back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

LONGEST_LINE = 1024 * 1024

# Gives the bytes of a file from a place on, in pieces.
PiecesFrom = Callable[[int], Iterator[bytes]]


@dataclass(frozen=True)
class Place:
    """Between two lines: how many bytes and how many lines stand before it."""

    offset: int = 0
    line: int = 0


@dataclass(frozen=True)
class Line:
    """A line with its end; of one that is longer than `LONGEST_LINE` only the beginning."""

    content: bytes
    length: int

    @property
    def is_too_long(self) -> bool:
        """Whether something of it is missing here."""
        return self.length > len(self.content)


class Lines:
    """Reads a file line by line from a place on; `place` is where it stands, and it can be sent elsewhere."""

    def __init__(self, pieces_from: PiecesFrom, place: Place) -> None:
        self._pieces_from = pieces_from
        self.go_to(place)

    def go_to(self, place: Place) -> None:
        """Go on from there."""
        self.place = place
        self._lines = _lines(self._pieces_from(place.offset))

    def next(self) -> Line | None:
        """Give the next line; None at the end."""
        line = next(self._lines, None)
        if line is not None:
            self.place = Place(self.place.offset + line.length, self.place.line + 1)
        return line


def _lines(pieces: Iterator[bytes]) -> Iterator[Line]:
    kept, length = bytearray(), 0
    for piece in pieces:
        start = 0
        while start < len(piece):
            end = piece.find(b"\n", start) + 1
            part = memoryview(piece)[start : end or len(piece)]
            kept += part[: LONGEST_LINE - len(kept)]
            length += len(part)
            start += len(part)
            if end:
                yield Line(bytes(kept), length)
                kept, length = bytearray(), 0
    if length:
        yield Line(bytes(kept), length)
