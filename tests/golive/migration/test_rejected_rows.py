"""The file of rejected rows: all of a row but its token, in a form that the import takes back."""

import csv
import io
import json

import pytest

from catalogs.models import Format
from golive.migration.models import Import, ImportRow
from golive.migration.rejected import rejected_csv
from golive.migration.showing import text_of
from mbe.masking import MASK
from partners.models import Business
from tests.golive.migration.files import COLUMNS, HEAD, arrived, line, reasons, taken
from tests.meta import Meta

pytestmark = pytest.mark.django_db(transaction=True)

TOKENS = ("EAAsandbox0123456789abcdef", "kept-secret", "1234567890|aB3dE5fG7hJ9", "aGVsbG8gd29ybGQ+/w==")


def rows_of(run: Import) -> list[dict[str, str]]:
    """The rejected rows as a spreadsheet reads them."""
    return list(csv.DictReader(io.StringIO(b"".join(rejected_csv(run)).decode("utf-8-sig"))))


def repaired(rows: list[dict[str, str]], token: str) -> str:
    """The file with the tokens that it lacks."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [*rows[0], "access_token"])
    writer.writeheader()
    writer.writerows({**row, "access_token": token} for row in rows)
    return out.getvalue()


def test_a_second_row_of_a_business_comes_back_whole(meta: Meta) -> None:
    token = meta.connect("shop-1", "catalog")
    run = taken(arrived(meta, HEAD + line("shop-1", token) + line("shop-1", token, name="The other")))
    (row,) = rows_of(run)
    assert (row["external_business_id"], row["name"], row["channel"]) == ("shop-1", "The other", "COMMERCE")
    assert (row["timezone"], row["page_id"], row["token_type"]) == ("Asia/Taipei", "111", "USER")
    assert "access_token" not in row


def test_rows_whose_token_meta_will_not_judge_come_back_whole(meta: Meta) -> None:
    text = HEAD + "".join(line(f"shop-{each}", meta.connect(f"shop-{each}")) for each in range(2))
    meta.fail("permission", count=100)
    run = taken(arrived(meta, text))
    assert [row["external_business_id"] for row in rows_of(run)] == ["shop-0", "shop-1"]
    assert {row["name"] for row in rows_of(run)} == {"Shop shop-0", "Shop shop-1"}
    assert run.rejected == 2


def test_a_row_that_was_taken_is_kept_nowhere_though_something_is_said_of_it(meta: Meta) -> None:
    taken(arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "catalog"), channel="LEAD_ADZ")))
    assert ImportRow.objects.get().columns == {}


def test_lists_and_formulas_of_json_come_back_as_the_import_takes_them(meta: Meta) -> None:
    row = {
        "external_business_id": "shop-1",
        "access_token": (token := meta.connect("shop-1", "catalog")),
        "name": "=cmd()",
        "timezone": "Mars",
        "verticals": ["ECOMMERCE", "RESERVATIONS"],
        "pages": [6, "7"],
    }
    rows = rows_of(taken(arrived(meta, json.dumps(row), format=Format.JSON_LINES)))
    assert (rows[0]["verticals"], rows[0]["pages"], rows[0]["name"]) == ("ECOMMERCE;RESERVATIONS", "6;7", "'=cmd()")
    rows[0]["timezone"] = "UTC"
    run = taken(arrived(meta, repaired(rows, token)))
    assert (run.imported, run.rejected) == (1, 0), reasons(run)
    business = Business.objects.get()
    assert (business.name, business.verticals) == ("=cmd()", ["ECOMMERCE", "RESERVATIONS"])


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(
    "broken",
    [
        '{{"external_business_id": "shop-1", "access_token": "{token}", "name": "Tea',
        '{{"access_token": "{token}"',
        '{{"external_business_id": "{token}" "access_token": "shop-1"}}',
        '"{token}"',
        "{token}",
        "shop-1 {token}\\",
        '{{"name": "Tea"}} {token}',
    ],
)
def test_a_line_that_is_no_json_comes_back_without_its_token_wherever_that_stands(
    meta: Meta, broken: str, token: str
) -> None:
    run = taken(arrived(meta, broken.format(token=token), format=Format.JSON_LINES))
    kept = str(list(ImportRow.objects.values())) + b"".join(rejected_csv(run)).decode()
    assert run.rejected == 1 and token not in kept and token.rpartition("|")[2] not in kept
    (row,) = rows_of(run)
    assert ("shop-1" in row.get("text", "")) is ("shop-1" in broken)


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("shop-1,{token},USER,COMMERCE,Tea, cake,Asia/Taipei,TWD,111,0", "too_many_cells"),
        ("{token},shop-1,USER,COMMERCE,Tea, cake,Asia/Taipei,TWD,111,0", "too_many_cells"),
        ('shop-1,"{token}"x,USER,COMMERCE,Tea,Asia/Taipei,TWD,111,0', "bad_quotes"),
        ('shop-1,"{token},USER,COMMERCE,Tea,Asia/Taipei,TWD,111,0', "bad_quotes"),
        ("shop-1,{token},USER,COMMERCE,Caf\udce9,Asia/Taipei,TWD,111,0", "not_utf8"),
    ],
)
def test_a_line_of_csv_that_cannot_be_read_comes_back_without_its_token(
    meta: Meta, broken: str, reason: str, token: str
) -> None:
    good = line("shop-2", meta.connect("shop-2", "catalog"), name="茶")
    text = (HEAD + good * 2 + broken.format(token=token) + "\n").encode(errors="surrogateescape")
    run = taken(arrived(meta, text))
    assert reasons(run)[4] == [f"row:{reason}"]
    kept = str(list(ImportRow.objects.values())) + b"".join(rejected_csv(run)).decode()
    assert token not in kept and token.rpartition("|")[2] not in kept
    shown = rows_of(run)[-1]["text"]
    assert all(word in shown for word in ("shop-1", MASK, "COMMERCE", "Asia/Taipei", "111"))


def test_of_a_line_without_a_safe_word_only_the_reason_comes_back(meta: Meta) -> None:
    (row,) = rows_of(taken(arrived(meta, "EAAsandbox0123456789", format=Format.JSON_LINES)))
    assert row == {"line": "1", "reason": "no JSON"}


@pytest.mark.parametrize(
    "secret", ["EAA\\u0042\\u0043\\u0044", "a\u200bbcdefgh", "abc.def-ghi", "a/b+c=d:e", "ab\\tcd\\nef"]
)
def test_a_token_is_not_cut_into_words_that_are_short_enough_to_be_shown(secret: str) -> None:
    assert text_of(f'{{"x": "{secret}'.encode()) == '{"x": "***'


def test_a_token_with_spaces_around_it_is_found_in_another_column(meta: Meta) -> None:
    text = f"{COLUMNS}\nshop-1, kept-secret ,USER,COMMERCE,kept-secret,Mars,TWD,111,0\n"
    run = taken(arrived(meta, text))
    assert "kept-secret" not in b"".join(rejected_csv(run)).decode()
    assert reasons(run)[2] == ["name:token", "timezone:bad"]


LONG_TOKENS = ("EAAsandbox0123456789abcdef", "kept-secret-0123456789abcdef", "1234567890|aB3dE5fG7hJ9kLmN", TOKENS[3])


@pytest.mark.parametrize("token", LONG_TOKENS)
@pytest.mark.parametrize(
    ("shifted", "place"),
    [
        ("external_business_id,name,access_token\nshop-1,{token}\n", "name"),
        ("external_business_id,access_token,name\nshop-1,My Shop,{token}\n", "name"),
        ("external_business_id,access_token\n{token},shop-1\n", "external_business_id"),
        ("access_token,external_business_id,name\nshop-1,My {token},Tea\n", "external_business_id"),
        ("external_business_id,access_token,domain\nshop-1,,{token}\n", "domain"),
        ("external_business_id,access_token,currency\nshop-1,,{token}\n", "currency"),
        ("external_business_id,access_token,page_id\nshop-1,,{token}\n", "page_id"),
        ("external_business_id,access_token,verticals\nshop-1,,x;{token}\n", "verticals"),
    ],
)
def test_where_the_token_is_not_in_its_column_it_is_hidden_in_all_the_others(
    meta: Meta, shifted: str, place: str, token: str
) -> None:
    run = taken(arrived(meta, shifted.format(token=token)))
    kept = str(list(ImportRow.objects.values())) + b"".join(rejected_csv(run)).decode()
    assert run.rejected == 1 and token not in kept and token.rpartition("|")[2] not in kept
    assert {f"{place}:hidden", f"{place}:token"} & set(reasons(run)[2])


def test_a_row_without_a_token_says_what_is_hidden_and_keeps_what_is_no_word_for_one(meta: Meta) -> None:
    run = taken(arrived(meta, HEAD + line("shop-1", "", name="Teahouses of Taipei", channel="COMMERCE")))
    (row,) = rows_of(run)
    assert (row["external_business_id"], row["name"]) == ("shop-1", f"{MASK} of Taipei")
    assert (row["timezone"], row["channel"], row["page_id"]) == ("Asia/Taipei", "COMMERCE", "111")
    assert row["reason"].endswith("; words that may be the token, as it is not in its column, are hidden: name")
