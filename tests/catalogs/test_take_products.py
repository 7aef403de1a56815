"""The command that hands products over."""

import gzip
import io
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from catalogs.models import Intake
from catalogs.taking import take
from partners.audit.models import Action, AuditEntry
from partners.commands import BadInput
from partners.models import Business
from tests.catalogs.files import as_csv, as_json_lines, lamps, products
from tests.factories import BusinessFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def business() -> Business:
    """A shop."""
    return BusinessFactory.create()


def handed_over(business: Business, *words: str) -> Intake:
    """What the command makes of these words, taken by a worker."""
    out = io.StringIO()
    call_command("take_products", business.partner.slug, business.external_business_id, *words, stdout=out)
    intake = Intake.objects.latest("pk")
    assert out.getvalue().startswith(f"intake {intake.pk}:")
    take(business.partner_id, intake.pk)
    intake.refresh_from_db()
    return intake


def test_a_file_is_taken_by_its_name_and_says_who_handed_it_over(business: Business, tmp_path: Path) -> None:
    file = tmp_path / "feed.csv.gz"
    file.write_bytes(gzip.compress(as_csv(lamps("one", "two"))))
    intake = handed_over(business, str(file))
    assert (intake.origin, intake.name, intake.state, intake.taken) == ("command", "feed.csv.gz", "done", 2)
    assert AuditEntry.objects.get(action=Action.UPLOADED).via == "command"


def test_standard_input_needs_a_format_and_a_part_removes_nothing(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    send(as_json_lines(lamps("one")))
    handed_over(business, "-", "--format", "jsonl")
    send(as_json_lines(lamps("two")))
    handed_over(business, "-", "--format", "jsonl", "--partial")
    assert [*products(business)] == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("feed", b"id\n", "give --format"), ("no.csv", None, "cannot be read"), ("bad.csv", b"\x1f\x8b!", "damaged")],
)
def test_bad_input_is_one_line(business: Business, tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInput, match=says):
        handed_over(business, str(file))
