"""Rows of files: every way of writing them, and every way of writing them wrongly."""

import gzip
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogs import reading, unpacking
from catalogs.lines import LONGEST_LINE, Lines, Place
from catalogs.models import Format
from catalogs.reading import Row, read_head, rows
from catalogs.unpacking import Unreadable, unpacked
from tests.catalogs.files import LAMP, as_csv, as_json_lines, lamps


def read(content: bytes, format: Format = Format.CSV, place: Place = Place()) -> list[Row]:  # noqa: B008  # frozen
    """All rows from a place on, the file coming in small pieces."""
    head = read_head(format, content)
    return list(
        rows(format, head, lambda offset: (content[at : at + 7] for at in range(offset, len(content), 7)), place)
    )


def refusal(content: bytes, format: Format = Format.CSV) -> str:
    """The code with which a file is refused as a whole."""
    with pytest.raises(Unreadable) as error:
        read(content, format)
    return error.value.code


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_csv_is_read_whatever_its_delimiter_line_ends_and_mark(delimiter: str, end: bytes, mark: bytes) -> None:
    content = mark + as_csv(lamps("one", "two", title="燈;a, b; c"), delimiter).replace(b"\r\n", end)
    assert [(each.line, dict(each.values)) for each in read(content)] == [
        (2, LAMP | {"id": "one", "title": "燈;a, b; c"}),
        (3, LAMP | {"id": "two", "title": "燈;a, b; c"}),
    ]


def test_a_value_may_have_several_lines_and_the_next_row_knows_its_own() -> None:
    found = read(as_csv([*lamps("one", description="first\nsecond\r\nthird"), *lamps("two")]))
    assert [each.line for each in found] == [2, 5]
    assert found[0].values["description"] == "first\nsecond\r\nthird"


def test_json_lines_are_read_with_their_types_and_without_empty_lines() -> None:
    content = b"\xef\xbb\xbf" + as_json_lines([LAMP | {"price": 9.5}]) + b"\n  \n" + as_json_lines([LAMP])
    found = read(content, Format.JSON_LINES)
    assert [(each.line, each.values["price"]) for each in found] == [(1, 9.5), (4, "9.99 USD")]


@pytest.mark.parametrize("format", Format)
def test_reading_goes_on_at_the_end_of_any_row(format: Format) -> None:
    items = [*lamps("one", description="first\nsecond"), *lamps("two"), *lamps("three")]
    content = as_csv(items) if format == Format.CSV else as_json_lines(items)
    whole = read(content, format)
    for number, row in enumerate(whole):
        assert read(content, format, row.end) == whole[number + 1 :]


def test_a_bad_line_of_csv_hides_no_other() -> None:
    good = as_csv(lamps("one")).split(b"\r\n")
    content = b"\r\n".join(
        [*good[:2], b'bad,"never closed', good[1], b'"a"b,c', b"\xff\xfe,x", good[1] + b",more", good[1]]
    )
    content = content.replace(b"\xff\xfe", "é".encode("latin-1")) + "\né".encode() * 9
    found = [(each.line, each.reason) for each in read(content) if each.line < 9]
    assert found == [
        (2, ""),
        (3, "bad_quotes"),
        (4, ""),
        (5, "bad_quotes"),
        (6, "not_utf8"),
        (7, "too_many_cells"),
        (8, ""),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "bad_json"),
        (b"[1]", "no_object"),
        (b'"text"', "no_object"),
        (b'{"price": NaN}', "bad_json"),
        (b'{"price": ' + b"9" * 5_000 + b"}", "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b'{"title": "\xff"}', "not_utf8"),
        (b'{"title": "' + b"x" * LONGEST_LINE + b'"}', "too_long_line"),
    ],
)
def test_a_bad_line_of_json_hides_no_other(line: bytes, reason: str) -> None:
    content = as_json_lines([LAMP, LAMP | {"title": "燈"}]) + line + b"\n" + as_json_lines([LAMP])
    head = read_head(Format.JSON_LINES, content[:1000])
    found = list(rows(Format.JSON_LINES, head, lambda offset: iter([content[offset:]]), Place()))
    assert [(each.line, each.reason) for each in found] == [(1, ""), (2, ""), (3, reason), (4, "")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \n", "empty"),
        (as_csv(lamps("one")).decode().encode("utf-16"), "utf16"),
        (as_csv(lamps("one")).decode().encode("utf-16-le"), "utf16"),
        (as_csv(lamps("one", title="電燈與書店")).decode().encode("big5"), "not_utf8:2"),
        (b"PK\x03\x04 and so on", "spreadsheet"),
        (as_csv([{"sku": "one", "title": "A lamp"}]), "no_id_column"),
        (b"id," + b",".join(b"c%d" % each for each in range(600)), "too_many_columns"),
    ],
)
def test_a_file_that_is_something_else_is_refused_as_a_whole(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_a_list_of_json_is_no_json_lines() -> None:
    assert refusal(b'[\n{"id": "one"}\n]', Format.JSON_LINES) == "json_array"


def test_quotation_marks_in_disorder_do_not_cost_more_than_a_file_is_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    content = as_csv(lamps("one")) + b'x,"open\n' * 20
    assert [each.reason for each in read(content)] == ["", *["bad_quotes"] * 20]
    monkeypatch.setattr(reading, "MOST_READ_AGAIN", 100)
    assert refusal(content) == "bad_quotes:15"


@pytest.mark.parametrize("name", ["retailer_id", "ID", " Id "])
def test_the_id_has_other_names(name: str) -> None:
    assert len(read(as_csv([{name: "one", "title": "A lamp"}]))) == 1


@given(st.lists(st.binary(max_size=20), max_size=8), st.integers(1, 9))
def test_lines_are_those_that_python_knows(parts: list[bytes], size: int) -> None:
    content = b"\n".join(parts)
    lines = Lines(lambda offset: (content[at : at + size] for at in range(offset, len(content), size)), Place())
    found = []
    while (line := lines.next()) is not None:
        found.append(line.content)
        assert lines.place == Place(len(b"".join(found)), len(found))
    assert b"".join(found) == content and all(each.count(b"\n") <= 1 for each in found)


@given(st.binary(max_size=300), st.integers(1, 50))
def test_what_is_compressed_is_unpacked_whatever_pieces_it_comes_in(content: bytes, size: int) -> None:
    packed = gzip.compress(content, mtime=0) + gzip.compress(content, mtime=0)
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert b"".join(unpacked(pieces)) == content * 2
    if not content.startswith(b"\x1f\x8b"):
        assert b"".join(unpacked([content[:1], content[1:]])) == content


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(b"x" * 1000, mtime=0)[:-5],
        gzip.compress(b"x", mtime=0)[:6] + b"no",
        gzip.compress(b"x", mtime=0) + b"more",
    ],
)
def test_a_damaged_file_is_refused(packed: bytes) -> None:
    with pytest.raises(Unreadable, match="bad_gzip"):
        list(unpacked([packed]))


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_in_small_pieces() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, mtime=0)
    assert len(bomb) < 100_000
    sizes: list[int] = []
    with pytest.raises(Unreadable, match="too_big_unpacked"):
        sizes.extend(len(each) for each in unpacked([bomb], most_unpacked=20_000_000))
    found = unpacked([bomb], most_unpacked=20_000_000)
    assert len(next(found)) <= unpacking._PIECE


def test_a_file_above_the_limit_is_refused_before_all_of_it_has_come() -> None:
    came = []

    def pieces() -> Iterator[bytes]:
        for number in range(100):
            came.append(number)
            yield b"x" * 10

    with pytest.raises(Unreadable, match="too_big"):
        list(unpacked(pieces(), most=100))
    assert len(came) == 11
