"""The beginning of a file of products: which encoding, which delimiter, which columns; and what it is instead."""

import codecs
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass

from catalogs.lines import Lines, Place
from catalogs.unpacking import Unreadable
from mbe.products import read_item, unknown_fields

DELIMITERS = (",", ";", "\t", "|")
MARK = codecs.BOM_UTF8

_ZIP = b"PK\x03\x04"
_LOOKED_AT_FOR_NULS = 2_000
_MOST_COLUMNS = 500


@dataclass(frozen=True)
class Head:
    """Where the rows begin, how columns are divided, and what they are called (of JSON: in the first object)."""

    body: Place
    delimiter: str = ""
    names: tuple[str, ...] = ()


def check_encoding(beginning: bytes) -> None:
    """Raise Unreadable where a file is no text, or one in another encoding than UTF-8.

    A few bad lines are no other encoding: of those with other letters than ASCII's, most have to be bad.
    """
    if not beginning.strip(b"\r\n\t \xef\xbb\xbf"):
        raise Unreadable("empty")
    if beginning.startswith(_ZIP):
        raise Unreadable("spreadsheet")
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in beginning[:_LOOKED_AT_FOR_NULS]:
        raise Unreadable("utf16")
    lines = beginning.split(b"\n")
    # The last one may go on.
    foreign = [number for number, line in enumerate(lines[:-1] or lines) if not line.isascii()]
    wrong = [number for number in foreign if not is_utf8(lines[number])]
    if len(wrong) * 2 > len(foreign):
        raise Unreadable(f"not_utf8:{wrong[0] + 1}")


def is_utf8(line: bytes) -> bool:
    """Whether these bytes are a text."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def json_head(beginning: bytes) -> Head:
    """Read the beginning of JSON Lines; raises Unreadable where it is one JSON document instead."""
    mark = len(MARK) if beginning.startswith(MARK) else 0
    if beginning[mark:].lstrip().startswith(b"["):
        raise Unreadable("json_array")
    return Head(Place(mark, 0), names=_keys(beginning[mark:].lstrip().partition(b"\n")[0]))


def _keys(line: bytes) -> tuple[str, ...]:
    """The names in the first object, as far as it is one."""
    try:
        return tuple(json.loads(line))
    except (ValueError, TypeError, RecursionError):
        return ()


def csv_head(beginning: bytes) -> Head:
    """Read the names of the columns; raises Unreadable where there is no column for the id."""
    heads = [head for delimiter in DELIMITERS if (head := divided(beginning, delimiter))]
    best = max(heads, key=lambda head: (len(head.names) - len(unknown_fields(head.names)), len(head.names)))
    if not any("id" in read_item({name: "x"}, ())[0] for name in best.names):
        raise Unreadable("no_id_column")
    if len(best.names) > _MOST_COLUMNS:
        raise Unreadable("too_many_columns")
    return best


def divided(beginning: bytes, delimiter: str) -> Head:
    """Read the first row that is not empty, as if this were the delimiter; without names where there is none."""
    lines = Lines(lambda offset: iter([beginning[offset:]]), Place())
    try:
        for names in csv.reader(_texts(lines), delimiter=delimiter):
            if any(name.strip() for name in names):
                return Head(lines.place, delimiter, tuple(name.strip() for name in names))
    except (csv.Error, UnicodeDecodeError):
        pass
    return Head(Place(), delimiter, ())


def _texts(lines: Lines) -> Iterator[str]:
    while (line := lines.next()) is not None:
        yield line.content.removeprefix(MARK).decode()
