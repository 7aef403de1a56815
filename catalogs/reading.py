"""Rows of a file of products, one at a time, whatever size it has; a row that cannot be read does not hide the next."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

from catalogs.heads import MARK, Head, check_encoding, csv_head, json_head
from catalogs.lines import Line, Lines, PiecesFrom, Place
from catalogs.models import Format
from catalogs.unpacking import Unreadable
from mbe.wire import is_shallow

# A quotation mark that is never closed takes in what follows it, which is then read once more; not without end.
MOST_READ_AGAIN = 32 * 1024 * 1024
# Line breaks within quotation marks belong to the row: it must not grow with the file.
LONGEST_ROW = 1024 * 1024


@dataclass(frozen=True)
class Row:
    """A row that begins in `line` and ends at `end`: its values, or the reason why it has none.

    `raw` is the line in which a row without values begins, unless that is too long.
    """

    line: int
    end: Place
    values: Mapping[str, Any]
    reason: str = ""
    raw: bytes = field(default=b"", repr=False)


class _BadRow(ValueError):
    """A row cannot be read; its text is the reason."""


def read_head(format: Format, beginning: bytes) -> Head:
    """Look at a file's first bytes (a megabyte, or all); raises Unreadable where it is something else."""
    check_encoding(beginning)
    return _HEADS[format](beginning)


def rows(format: Format, head: Head, pieces_from: PiecesFrom, place: Place) -> Iterator[Row]:
    """Read the rows from a place on that an earlier row has named, or from the first one; empty ones are left out.

    Raises Unreadable where quotation marks are in such disorder that the rows cannot be told apart.
    """
    lines = Lines(pieces_from, max(place, head.body, key=lambda each: each.offset))
    return _ROWS[format](head, lines)


def _json_rows(head: Head, lines: Lines) -> Iterator[Row]:
    while (line := lines.next()) is not None:
        if line.content.strip():
            try:
                yield Row(lines.place.line, lines.place, _object(line))
            except _BadRow as bad:
                yield Row(lines.place.line, lines.place, {}, str(bad), _raw(line))


def _object(line: Line) -> Mapping[str, Any]:
    try:
        value = json.loads(_text(line), parse_constant=_no_number)
    except (json.JSONDecodeError, RecursionError):
        raise _BadRow("bad_json") from None
    except _BadRow:
        raise
    except ValueError:  # A number of thousands of digits.
        raise _BadRow("bad_json") from None
    if not isinstance(value, dict):
        raise _BadRow("no_object")
    if not is_shallow(value):
        raise _BadRow("bad_json")
    return value


def _raw(line: Line | None) -> bytes:
    return line.content if line and not line.is_too_long else b""


def _no_number(word: str) -> NoReturn:
    raise _BadRow("bad_json")


def _text(line: Line) -> str:
    if line.is_too_long:
        raise _BadRow("too_long_line")
    try:
        return line.content.removeprefix(MARK).decode()
    except UnicodeDecodeError:
        raise _BadRow("not_utf8") from None


def _csv_rows(head: Head, lines: Lines) -> Iterator[Row]:
    read_again = 0
    while True:
        begun = lines.place
        try:
            # After an error a reader is of no further use.
            texts = _Texts(lines)
            for cells in csv.reader(texts, delimiter=head.delimiter, strict=True):
                if any(cell.strip() for cell in cells):
                    yield _row(head, begun, lines.place, cells, _raw(texts.first))
                begun = lines.place
                texts.begin(begun)
            return
        except (csv.Error, _BadRow) as error:
            reason = str(error) if isinstance(error, _BadRow) else "bad_quotes"
        reached = lines.place
        _back_to_the_line_after(begun, lines)
        read_again += reached.offset - lines.place.offset
        if read_again > MOST_READ_AGAIN:
            raise Unreadable(f"bad_quotes:{begun.line + 1}")
        yield Row(begun.line + 1, lines.place, {}, reason, _raw(texts.first))


def _back_to_the_line_after(begun: Place, lines: Lines) -> None:
    """Lose only the line in which a bad row begins: what was read after it may be rows of their own."""
    if lines.place.line > begun.line + 1:
        lines.go_to(begun)
        lines.next()


class _Texts:
    """The lines as texts; no generator, for that would end with the first line that is none.

    The row that is being read began at `begun`; `first` is the line in which it did.
    """

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.begin(lines.place)

    def begin(self, place: Place) -> None:
        """From here on it is another row."""
        self.begun = place
        self.first: Line | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._lines.next()
        if line is None:
            raise StopIteration
        self.first = self.first or line
        if self._lines.place.offset - self.begun.offset > LONGEST_ROW + line.length:
            raise _BadRow("too_long_line")
        return _text(line)


def _row(head: Head, begun: Place, end: Place, cells: list[str], raw: bytes) -> Row:
    if any(cell.strip() for cell in cells[len(head.names) :]):
        return Row(begun.line + 1, end, {}, "too_many_cells", raw)
    return Row(begun.line + 1, end, dict(zip(head.names, cells, strict=False)))


_HEADS: dict[str, Callable[[bytes], Head]] = {Format.CSV: csv_head, Format.JSON_LINES: json_head}
_ROWS: dict[str, Callable[[Head, Lines], Iterator[Row]]] = {Format.CSV: _csv_rows, Format.JSON_LINES: _json_rows}
