"""Files as they come from spreadsheets, from other systems, and from people in a hurry."""

import gzip
import json
from collections.abc import Iterator

import pytest

from catalogs.models import Format
from catalogs.unpacking import MOST_BYTES
from features.models import AccessToken, Installation
from golive.migration.models import Import, ImportPart, ImportRow
from golive.migration.rejected import rejected_csv
from partners.models import Business
from tests.golive.migration.files import COLUMNS, HEAD, arrived, line, reasons, refused, taken
from tests.meta import Meta

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("encode", [str.encode, lambda text: b"\xef\xbb\xbf" + text.encode()], ids=["plain", "marked"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_spreadsheets_file_is_taken(meta: Meta, delimiter: str, end: str, encode: object) -> None:
    assert callable(encode)
    text = (HEAD + line("shop-1", meta.connect("shop-1", "catalog"), name="Café 茶")).replace(",", delimiter)
    run = taken(arrived(meta, encode(text.replace("\n", end))))
    assert (run.imported, run.rejected, run.ignored) == (1, 0, [])
    assert Business.objects.get().name == "Café 茶"


def test_names_of_columns_may_be_written_as_people_write_them(meta: Meta) -> None:
    token = meta.connect("shop-1", "catalog")
    run = taken(arrived(meta, f"External Business ID, Access Token ,Notes\nshop-1,{token},of 2019\n"))
    assert (run.imported, run.ignored) == (1, ["Notes"])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused(meta: Meta, encoding: str) -> None:
    assert refused(meta, [(HEAD + line("shop-1", "EAAB-the-token")).encode(encoding)]) == "utf16"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"PK\x03\x04" + bytes(50), "spreadsheet"),
        (b"\x1f\x8b\x08\x00broken", "bad_gzip"),
        (b"external_business_id,name\nshop-1,x\n", "no_column:access_token"),
        (b"external_business_id,access_token,Access Token\nshop-1,a,b\n", "column_twice"),
    ],
)
def test_what_cannot_be_a_file_of_installations_is_refused(meta: Meta, content: bytes, problem: str) -> None:
    assert refused(meta, [content]) == problem
    assert not ImportPart.objects.exists()


def test_one_json_document_is_refused(meta: Meta) -> None:
    assert refused(meta, [b'[{"external_business_id": "shop-1"}]'], Format.JSON_LINES) == "json_array"


def test_a_compressed_file_is_taken(meta: Meta) -> None:
    text = HEAD + line("shop-1", meta.connect("shop-1", "catalog"))
    assert taken(arrived(meta, gzip.compress(text.encode()))).imported == 1


@pytest.mark.long
def test_a_file_that_is_too_large_is_refused_and_nothing_of_it_kept(meta: Meta) -> None:
    def pieces() -> Iterator[bytes]:
        yield HEAD.encode()
        row = line("shop-1", "EAAB-the-token").encode()
        for _ in range(MOST_BYTES // 1024 // 1024 + 1):
            yield row * (1024 * 1024 // len(row) + 1)

    assert refused(meta, pieces()) == "too_big"
    assert not ImportPart.objects.exists() and not ImportRow.objects.exists()


def test_a_little_that_unpacks_to_very_much_is_refused(meta: Meta) -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    assert refused(meta, [bomb]) == "utf16"


def test_lines_are_counted_as_an_editor_counts_them(meta: Meta) -> None:
    token = meta.connect("shop", "catalog")
    bad = line("shop-1", token, name='"two\nlines"')
    run = taken(arrived(meta, HEAD + bad + "\n" + line("", token) + line("shop-2", token)))
    assert reasons(run) == {2: ["name:bad"], 5: ["external_business_id:missing"]}
    assert run.imported == 1


def test_a_quote_that_is_never_closed_costs_its_own_line_only(meta: Meta) -> None:
    token = meta.connect("shop", "catalog")
    run = taken(arrived(meta, HEAD + line("shop-1", token, name='"never closed') + line("shop-2", token)))
    assert reasons(run) == {2: ["row:bad_quotes"]} and run.imported == 1


def test_nul_bytes_and_lone_surrogates_are_a_rows_matter(meta: Meta) -> None:
    token = meta.connect("shop", "catalog")
    rows = [
        {"external_business_id": "a\0b", "access_token": token},
        {"external_business_id": "shop-1", "access_token": token, "name": "\ud800", "page_id": "1\0"},
        {"external_business_id": "shop-2", "access_token": token, "b\0_id": ["1", "2"], "\ud800_ids": "3", "=_id": "4"},
        {"external_business_id": "shop-3", "access_token": token, "\ud800": "x", "name": {"nested": "\0"}},
        {"external_business_id": "shop-4", "access_token": [token], "page_id": {"x": token}},
        {"external_business_id": 5, "access_token": token, "timezone": None, "pages": [6, "7"]},
    ]
    run = taken(arrived(meta, "\n".join(map(json.dumps, rows)), format=Format.JSON_LINES))
    assert (run.state, run.imported, run.rejected) == (Import.State.DONE, 2, 4)
    assert set(reasons(run)) == {1, 2, 4, 5}
    assert Installation.objects.get(business__external_business_id="5").assets == {"pages": ["6", "7"]}
    assert token not in b"".join(rejected_csv(run)).decode()


def test_nul_bytes_in_csv_are_a_rows_matter(meta: Meta) -> None:
    token = meta.connect("shop", "catalog")
    padding = "".join(line(f"shop-{number}", token) for number in range(40))
    run = taken(arrived(meta, HEAD + padding + line("a\0b", token, name="n\0")))
    assert list(reasons(run)) == [42] and run.imported == 40


@pytest.mark.parametrize("column", ["external_business_id", "name", "channel", "page_id", "domain"])
def test_a_token_in_another_column_is_kept_nowhere_in_the_clear(meta: Meta, column: str) -> None:
    token = meta.connect("shop-1", "catalog")
    row = {"external_business_id": "shop-1", "access_token": token, column: f"{token}x"}
    run = taken(arrived(meta, json.dumps(row), format=Format.JSON_LINES))
    assert reasons(run)[1][-1] == f"{column}:token" and run.rejected == 1
    kept = str([list(table.objects.values()) for table in (Import, ImportRow, Business, Installation)])
    assert token not in kept and token not in b"".join(rejected_csv(run)).decode()


def test_two_columns_in_each_others_place_make_no_business(meta: Meta) -> None:
    token = meta.connect("shop-1", "catalog")
    run = taken(arrived(meta, HEAD + line(token, "shop-number-1")))
    assert "external_business_id:token" in reasons(run)[2]
    assert not Business.objects.exists() and not AccessToken.objects.exists()


def test_no_cell_of_the_rejected_rows_is_a_formula(meta: Meta) -> None:
    head = f"{COLUMNS},+cmd_id\n"
    bad = line("=1+1", "EAAB-the-token", name='"=HYPERLINK(""http://evil.example"")"', timezone="@SUM(A1)")
    text = b"".join(rejected_csv(taken(arrived(meta, head + bad)))).decode("utf-8-sig")
    cells = [cell.strip('"') for line_ in text.splitlines() for cell in line_.split(",")]
    assert "'=1+1" in cells and "'@SUM(A1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


@pytest.mark.parametrize("domain", ["https://[abc", "https://shop.example/shop", "ftp://shop.example", "https://a b"])
def test_a_domain_that_is_none_is_a_rows_matter(meta: Meta, domain: str) -> None:
    row = {"external_business_id": "shop-1", "access_token": "EAAB-the-token", "domain": domain}
    assert reasons(taken(arrived(meta, json.dumps(row), format=Format.JSON_LINES))) == {1: ["domain:bad"]}


@pytest.mark.parametrize("domain", ["shop.example", "https://Shop.example/", "https://shop.example"])
def test_a_domain_and_a_currency_may_be_written_in_other_ways(meta: Meta, domain: str) -> None:
    token = meta.connect("shop-1", "catalog")
    row = {"external_business_id": "shop-1", "access_token": token, "domain": domain, "currency": "twd"}
    assert taken(arrived(meta, json.dumps(row), format=Format.JSON_LINES)).imported == 1
    business = Business.objects.get()
    assert (business.domain, business.currency) == ("https://shop.example", "TWD")


@pytest.mark.parametrize("name", ["shop/1?x=1&y", "café 茶 #1", "a'b;--", "..", "=1+1", "%00", "x" * 200])
def test_an_external_id_may_have_any_sign(meta: Meta, name: str) -> None:
    row = {"external_business_id": name, "access_token": meta.connect(name, "catalog")}
    assert taken(arrived(meta, json.dumps(row), format=Format.JSON_LINES)).imported == 1
    assert Business.objects.get().external_business_id == name


def test_a_bad_row_does_not_hide_a_good_one_of_the_same_business(meta: Meta) -> None:
    token = meta.connect("shop-1", "catalog")
    text = HEAD + line("shop-1", token, timezone="Mars") + line("shop-1", token) + line("shop-1", token)
    run = taken(arrived(meta, text))
    assert run.imported == 1
    assert reasons(run) == {2: ["timezone:bad"], 4: ["external_business_id:duplicate:3"]}
