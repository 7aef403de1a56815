"""Rows of which the database cannot take everything: each is its own matter, and the rows around it are taken."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from catalogs.models import Format
from features.models import Installation
from golive.migration.models import Import, ImportRow
from golive.migration.rejected import rejected_csv
from golive.migration.wording import reasons_text
from partners.models import Business
from tests.golive.migration.files import COLUMNS, HEAD, arrived, line, reasons, taken
from tests.meta import Meta
from tests.owner import connect_as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("channel", "ß" + "x" * 63),
        ("channel", "ﬃ" * 22),
        ("currency", "ßx"),
        ("currency", "ﬃ"),
        ("domain", "İ" * 190),
        ("domain", "x" * 254),
        ("token_type", "ﬀ" * 33),
        ("name", "n" * 201),
        ("timezone", "../" * 60),
    ],
)
def test_a_value_that_is_too_long_as_it_is_kept_costs_its_own_row_only(meta: Meta, column: str, value: str) -> None:
    rows = [{"external_business_id": name, "access_token": meta.connect(name, "catalog")} for name in ("a", "b", "c")]
    rows[1][column] = value
    run = taken(arrived(meta, "\n".join(map(json.dumps, rows)), format=Format.JSON_LINES))
    assert (run.state, run.imported, run.rejected) == (Import.State.DONE, 2, 1)
    assert reasons(run) == {2: [f"{column}:bad"]}


def test_what_is_just_short_enough_as_it_is_kept_is_taken(meta: Meta) -> None:
    row = {"external_business_id": "a", "access_token": meta.connect("a", "catalog"), "channel": "ß" * 32}
    host = "x" * 63 + ".example"
    row["domain"] = ".".join(["y" * 40, "x" * 63, "x" * 63, host])
    run = taken(arrived(meta, json.dumps(row), format=Format.JSON_LINES))
    assert (run.imported, Installation.objects.get().channel) == (1, "SS" * 32)
    assert len(Business.objects.get().domain) > 200


@pytest.mark.parametrize("depths", [range(start, start + 50) for start in range(800, 1000, 50)])
def test_no_depth_of_nesting_ends_the_import(meta: Meta, depths: range) -> None:
    token = meta.connect("shop-1", "catalog")
    head = f'{{"external_business_id": "shop-1", "access_token": "{token}"'
    rows = [f'{head}, "pages": {"[" * depth}{"]" * depth}}}' for depth in depths]
    run = taken(arrived(meta, "\n".join([*rows, f"{head}}}"]), format=Format.JSON_LINES))
    assert (run.state, run.imported, run.rejected) == (Import.State.DONE, 1, len(depths))


@pytest.mark.parametrize("name", ["\\ud800", "x\\u0000"])
def test_a_column_whose_name_cannot_be_kept_ends_nothing(meta: Meta, name: str) -> None:
    row = f'{{"{name}": "x", "external_business_id": "a", "access_token": "{meta.connect("a", "catalog")}"}}'
    run = taken(arrived(meta, row, format=Format.JSON_LINES))
    assert (run.state, run.imported) == (Import.State.DONE, 1)


def test_a_nul_in_a_long_line_of_names_ends_nothing(meta: Meta) -> None:
    names = ",".join(f"column-number-{number}" for number in range(200))
    text = f"external_business_id,access_token,{names},x\0y\na,{meta.connect('a', 'catalog')}\n"
    run = taken(arrived(meta, text))
    assert (run.state, run.imported) == (Import.State.DONE, 1)


@contextmanager
def narrowed(table: str, column: str, before: int) -> Iterator[None]:
    """A column that takes less than any check of the rows knows."""
    with connect_as_owner() as owner:
        owner.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar(10)")
        try:
            yield
        finally:
            owner.execute(f"TRUNCATE {table} CASCADE")
            owner.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({before})")


@pytest.mark.parametrize(
    ("table", "column", "before", "columns"),
    [
        ("features_installation", "channel", 64, COLUMNS.replace("access_token,", "").replace("token_type,", "")),
        # Of a row whose own cells cannot be kept as rejected ones the line is named.
        ("migration_importrow", "external_business_id", 200, ""),
    ],
)
def test_a_row_that_only_the_database_refuses_is_rejected_and_the_others_are_taken(
    meta: Meta, table: str, column: str, before: int, columns: str
) -> None:
    lines = [line(name, meta.connect(name, "catalog")) for name in ("shop-1", "shop-2")]
    long = "a-shop-of-many-letters"
    lines.insert(1, line(long, meta.connect(long, "catalog"), channel="COMMERCE_AND_MORE"))
    with narrowed(table, column, before):
        run = taken(arrived(meta, HEAD + "".join(lines) + line("", "EAAB-the-token")))
        assert (run.state, run.imported, run.rejected) == (Import.State.DONE, 2, 2)
        assert reasons(run) == {3: ["row:unstorable"], 5: ["external_business_id:missing"]}
        assert set(Business.objects.values_list("external_business_id", flat=True)) == {"shop-1", "shop-2"}
        assert Installation.objects.exclude(requested_generation=0).count() == 2
        assert set(columns.split(",")) - {""} <= set(ImportRow.objects.get(run=run, line=3).columns)
        assert reasons_text(["row:unstorable"]) in b"".join(rejected_csv(run)).decode()
    assert (run.lines_read, run.bytes_read) == (5, run.size)
