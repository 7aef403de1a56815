"""Tens of thousands of products: bounded memory, short transactions, and nothing written when they are the same."""

import csv
import io
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from catalogs import taking
from catalogs.chunks import write
from catalogs.intakes import fill, new_intake
from catalogs.models import Format, Intake, Product
from partners.models import Business
from partners.tenancy import tenant
from tests.catalogs.files import LAMP
from tests.factories import BusinessFactory

pytestmark = [pytest.mark.long, pytest.mark.django_db]

MANY, FEW = 30_000, 10_000
MOST_SECONDS_OF_A_CHUNK = 3.0
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


def taken(business: Business, count: int) -> tuple[Intake, int, float]:
    """A file that is taken: the intake, the peak of memory over what was there before, the slowest chunk in seconds."""
    tracemalloc.start()
    intake = new_intake(business, Intake.Origin.UPLOAD, Format.CSV)
    assert fill(intake, pieces(count)) == ""
    claim = taking._claim(business.partner_id, intake.pk)
    assert claim is not None
    slowest = 0.0
    for chunk in taking._chunks(claim.intake):
        began = time.monotonic()
        with tenant(business.partner_id):
            write(claim.lock(), chunk)
        slowest = max(slowest, time.monotonic() - began)
    taking._remove(claim)
    taking._end(claim)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    intake.refresh_from_db()
    assert (intake.state, intake.taken, intake.rejected) == (Intake.State.DONE, count, 0)
    return intake, peak, slowest


def test_memory_does_not_grow_with_the_file_and_the_second_time_costs_no_writing() -> None:
    _first, small, _seconds = taken(BusinessFactory.create(), FEW)
    business = BusinessFactory.create()
    intake, large, slowest = taken(business, MANY)
    assert intake.changed == MANY == Product.objects.filter(business=business).count()
    print(
        f"peak {small / 1e6:.1f} MB for {FEW} products, {large / 1e6:.1f} MB for {MANY}; slowest chunk {slowest:.2f} s"
    )
    assert large < small * MOST_GROWTH and slowest < MOST_SECONDS_OF_A_CHUNK
    began = time.monotonic()
    again, _peak, _slowest = taken(business, MANY)
    print(f"the same {MANY} once more: {time.monotonic() - began:.1f} s")
    assert (again.changed, again.removed) == (0, 0)
    fewer, _peak, _slowest = taken(business, FEW)
    assert (fewer.changed, fewer.removed) == (0, MANY - FEW)
