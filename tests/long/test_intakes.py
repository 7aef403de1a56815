"""Tens of thousands of products: bounded memory, short transactions, and nothing written when they are the same."""

import csv
import io
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogs import taking
from catalogs.chunks import ROWS_OF_A_CHUNK, write
from catalogs.intakes import fill, new_intake
from catalogs.models import Format, Intake, Product
from partners.models import Business
from partners.tenancy import tenant
from tests.catalogs.files import LAMP
from tests.factories import BusinessFactory

pytestmark = [pytest.mark.long, pytest.mark.django_db]

MANY, FEW = 30_000, 10_000
MOST_GROWTH = 1.3


def pieces(count: int) -> Iterator[bytes]:
    """A file of CSV as it comes from a browser or a shop's server."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, LAMP.keys())
    writer.writeheader()
    for number in range(count):
        writer.writerow(LAMP | {"id": f"lamp-{number}", "description": "It shines. " * 20})
        if number % 500 == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


@dataclass
class Cost:
    """The peak of memory over what was there before, and the most that one transaction did."""

    peak: int = 0
    rows: int = 0
    statements: int = 0


def taken(business: Business, count: int) -> tuple[Intake, Cost]:
    """A file that is taken, and what it cost."""
    cost = Cost()
    tracemalloc.start()
    intake = new_intake(business, Intake.Origin.UPLOAD, Format.CSV)
    assert fill(intake, pieces(count)) == ""
    claim = taking._claim(business.partner_id, intake.pk)
    assert claim is not None
    for chunk in taking._chunks(claim.intake):
        with CaptureQueriesContext(connection) as statements, tenant(business.partner_id):
            write(claim.lock(), chunk)
        cost.rows, cost.statements = max(cost.rows, len(chunk.rows)), max(cost.statements, len(statements))
        connection.queries_log.clear()
    taking._remove(claim)
    taking._end(claim)
    _now, cost.peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    intake.refresh_from_db()
    assert (intake.state, intake.taken, intake.rejected) == (Intake.State.DONE, count, 0)
    return intake, cost


def test_memory_and_transactions_do_not_grow_with_the_file_and_the_second_time_costs_no_writing() -> None:
    _first, small = taken(BusinessFactory.create(), FEW)
    business = BusinessFactory.create()
    intake, large = taken(business, MANY)
    assert intake.changed == MANY == Product.objects.filter(business=business).count()
    print(f"peak {small.peak / 1e6:.1f} MB for {FEW} products, {large.peak / 1e6:.1f} MB for {MANY}; {large}")
    assert large.peak < small.peak * MOST_GROWTH
    assert 0 < large.rows <= ROWS_OF_A_CHUNK and 0 < large.statements <= small.statements
    began = time.monotonic()
    again, _cost = taken(business, MANY)
    print(f"the same {MANY} once more: {time.monotonic() - began:.1f} s")
    assert (again.changed, again.removed) == (0, 0)
    fewer, _cost = taken(business, FEW)
    assert (fewer.changed, fewer.removed) == (0, MANY - FEW)
