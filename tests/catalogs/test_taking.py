"""Taking what has arrived: what is written, what is not, and that nothing is lost or done twice."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogs import chunks, taking
from catalogs.intakes import ArrivalEnded, fail, fill, new_intake
from catalogs.models import Catalog, Format, Intake, IntakeItem, IntakePart, Product, RejectedRow
from catalogs.taking import take, to_take
from partners.models import Business
from tests.catalogs.files import LAMP, arrived, as_csv, as_json_lines, lamps, products, rejected, taken
from tests.factories import BusinessFactory, InstallationFactory

pytestmark = pytest.mark.django_db

State = Intake.State


@pytest.fixture
def business() -> Business:
    """A shop."""
    return BusinessFactory.create()


def counts(intake: Intake) -> tuple[int, int, int, int]:
    """Taken, changed, rejected, removed."""
    return intake.taken, intake.changed, intake.rejected, intake.removed


def test_a_file_becomes_products(business: Business) -> None:
    intake = taken(business, as_csv(lamps("one", "two", title="燈")))
    assert (intake.state, intake.problem, counts(intake)) == (State.DONE, "", (2, 2, 0, 0))
    assert intake.bytes_read == intake.size > 0 and intake.finished_at
    assert products(business) == {
        each: {key: value for key, value in LAMP.items() if key != "id"} | {"title": "燈"} for each in ("one", "two")
    }


def test_the_same_file_once_more_writes_no_product(business: Business) -> None:
    content = as_csv(lamps(*map(str, range(50))))
    taken(business, content)
    before = list(Product.objects.values_list("pk", "changed_at"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        intake = taken(business, content)
    assert counts(intake) == (50, 0, 0, 0)
    assert list(Product.objects.values_list("pk", "changed_at")) == before
    written = [each["sql"] for each in queries if 'catalogs_product"' in each["sql"]]
    assert written and not [sql for sql in written if sql.startswith(("INSERT", "UPDATE"))]


def test_only_what_differs_is_written_in_either_format(business: Business) -> None:
    taken(business, as_csv(lamps("one", "two")))
    intake = taken(business, as_json_lines(lamps("one") + lamps("two", price="8 USD")), format=Format.JSON_LINES)
    assert counts(intake) == (2, 1, 0, 0)
    assert products(business)["two"]["price"] == "8.00 USD"


def test_a_whole_set_removes_what_it_does_not_name_and_a_part_nothing(business: Business) -> None:
    other = BusinessFactory.create(partner=business.partner)
    taken(other, as_csv(lamps("two")))
    taken(business, as_csv(lamps("one", "two", "three")))
    assert counts(taken(business, as_csv(lamps("one")), is_whole=False)) == (1, 0, 0, 0)
    assert counts(taken(business, as_csv(lamps("one")))) == (1, 0, 0, 2)
    assert [*products(business)] == ["one"] and [*products(other)] == ["two"]


def test_a_bad_row_is_named_and_leaves_its_product_as_it_was(business: Business) -> None:
    taken(business, as_csv(lamps("one", "two", "three")))
    rows = [*lamps("one", price="8 USD"), *lamps("two", price="cheap", link="http://shop.example"), *lamps("three")]
    intake = taken(business, as_csv(rows))
    assert counts(intake) == (2, 1, 1, 0)
    (row,) = RejectedRow.objects.filter(intake=intake)
    assert (row.line, row.item_id, sorted(row.reasons)) == (3, "two", ["link:not_https", "price:bad_price"])
    assert products(business)["two"]["price"] == "9.99 USD"


def test_of_two_rows_with_one_id_the_first_counts(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = lamps("one", title="first") + lamps("two") + lamps("one", title="second") + lamps("one", title="third")
    for size in (1_000, 1):
        monkeypatch.setattr(chunks, "ROWS_OF_A_CHUNK", size)
        intake = taken(business, as_csv(rows))
        assert rejected(intake) == {4: ["id:duplicate:2"], 5: ["id:duplicate:2"]}
        assert products(business)["one"]["title"] == "first"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"id": ""}, "id:missing"),
        ({"id": "x" * 101}, "id:too_long"),
        ({"title": ""}, "title:missing"),
        ({"title": "x" * 201}, "title:too_long"),
        ({"price": "9.99"}, "price:bad_currency"),
        ({"price": "9.99 ABC"}, "price:bad_currency"),
        ({"price": "free"}, "price:bad_price"),
        ({"availability": "perhaps"}, "availability:bad_choice"),
        ({"condition": "broken"}, "condition:bad_choice"),
        ({"link": "http://shop.example"}, "link:not_https"),
        ({"image_link": "shop.example"}, "image_link:not_https"),
        ({"brand": ""}, "brand:missing"),
        ({"title": "a\0b"}, "title:bad_text"),
        ({"title": "\ud800"}, "title:bad_text"),
    ],
)
def test_every_reason_is_said(business: Business, values: dict[str, str], reason: str) -> None:
    content = as_json_lines(lamps("good")) + json.dumps(LAMP | values).encode()
    intake = taken(business, content, format=Format.JSON_LINES)
    assert rejected(intake) == {2: [reason]}
    assert [*products(business)] == ["good"]


@pytest.mark.parametrize("content", [as_csv(lamps("one")).split(b"\n")[0], as_csv(lamps("a", "b", price="free"))])
def test_a_set_that_is_mostly_bad_removes_nothing_and_says_so(business: Business, content: bytes) -> None:
    taken(business, as_csv(lamps("one", "two")))
    intake = taken(business, content)
    assert (intake.state, intake.problem, intake.removed) == (State.DONE, "nothing_removed", 0)
    assert [*products(business)] == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"PK\x03\x04", "spreadsheet"), (b"\x1f\x8bno", "bad_gzip"), (b"title\nA lamp\n", "no_id_column")],
)
def test_a_file_that_is_something_else_fails_and_removes_nothing(business: Business, content: bytes, code: str) -> None:
    taken(business, as_csv(lamps("one")))
    intake = taken(business, content)
    assert (intake.state, intake.problem) == (State.FAILED, code)
    assert [*products(business)] == ["one"]


def test_columns_that_meta_does_not_know_are_named_once(business: Business) -> None:
    intake = taken(business, as_csv(lamps("one", colour="red", shelf="7", size="L")))
    assert intake.ignored == ["colour", "shelf"]
    assert products(business)["one"]["size"] == "L" and "shelf" not in products(business)["one"]


def test_nothing_of_the_file_is_kept_afterwards(business: Business) -> None:
    intake = arrived(business, as_csv(lamps("one")))
    assert IntakePart.objects.exists()
    take(business.partner_id, intake.pk)
    assert not IntakePart.objects.exists() and not IntakeItem.objects.exists()


def test_rejected_rows_are_kept_up_to_a_number_and_of_the_newest_intakes(
    business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MOST_REJECTED_ROWS_KEPT", 5)
    monkeypatch.setattr(chunks, "ROWS_OF_A_CHUNK", 3)
    content = as_csv(lamps(*map(str, range(8)), price="free"))
    intakes = [taken(business, content) for _ in range(7)]
    assert [each.rejected for each in intakes] == [8] * 7
    assert [len(rejected(each)) for each in intakes] == [0, 0, 5, 5, 5, 5, 5]


def test_the_catalogs_are_asked_for_when_something_changed(business: Business) -> None:
    installation = InstallationFactory.create(business=business, meta_app__partner=business.partner)
    catalog = Catalog.objects.create(partner=business.partner, installation=installation, catalog_id="7")

    def asked() -> int:
        catalog.refresh_from_db()
        return catalog.requested

    taken(business, as_csv(lamps("one", "two")))
    assert asked() == 1
    taken(business, as_csv(lamps("one", "two")))
    assert asked() == 1
    taken(business, as_csv(lamps("one")))
    assert asked() == 2


# --- who takes what, and what a death leaves


def abandoned(intake: Intake, after_chunks: int) -> taking.Claim:
    """A worker that has claimed the intake, has written some chunks, and is gone."""
    claim = taking._claim(intake.partner_id, intake.pk)
    assert claim is not None
    for number, chunk in enumerate(taking._chunks(claim.intake)):
        if number == after_chunks:
            break
        chunks.write(claim.lock(), chunk)
    Intake.objects.filter(pk=intake.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    return claim


def test_a_successor_goes_on_at_the_chunk(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "ROWS_OF_A_CHUNK", 2)
    taken(business, as_csv(lamps("gone")))
    intake = arrived(business, as_csv(lamps("a", "b", "c") + lamps("d", title="several\nlines") + lamps("b", "e")))
    dead = abandoned(intake, 2)
    assert to_take() == [(business.partner_id, intake.pk)]
    assert take(business.partner_id, intake.pk)
    intake.refresh_from_db()
    assert (intake.state, counts(intake)) == (State.DONE, (4, 4, 2, 1))
    assert rejected(intake) == {5: ["title:bad_text"], 7: ["id:duplicate:3"]}
    assert [*products(business)] == ["a", "b", "c", "e"]
    with pytest.raises(taking.ClaimLost):
        dead.lock()


def test_whoever_has_lost_the_claim_writes_nothing_more(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "ROWS_OF_A_CHUNK", 1)
    intake = arrived(business, as_csv(lamps("a", "b")))
    first = abandoned(intake, 1)
    second = taking._claim(business.partner_id, intake.pk)
    assert second is not None and second.intake.attempt == first.intake.attempt + 1
    for step in (taking._remove, taking._end):
        with pytest.raises(taking.ClaimLost):
            step(first)
    second.lock()


def test_one_of_a_business_at_a_time_in_their_order(business: Business) -> None:
    first, second = (arrived(business, as_csv(lamps(each))) for each in ("one", "two"))
    other = arrived(BusinessFactory.create(), as_csv(lamps("three")))
    assert to_take() == [(first.partner_id, first.pk), (other.partner_id, other.pk)]
    assert not take(business.partner_id, second.pk)
    claim = taking._claim(business.partner_id, first.pk)
    assert claim is not None and taking._claim(business.partner_id, first.pk) is None
    assert not take(business.partner_id, second.pk)
    taking._end(claim)
    assert take(business.partner_id, second.pk)
    assert [*products(business)] == ["two"]


def test_most_workers_stay_free_for_other_things() -> None:
    intakes = [arrived(BusinessFactory.create(), as_csv(lamps("one"))) for _ in range(taking.LANES + 2)]
    assert len(to_take()) == taking.LANES
    for intake in intakes[: taking.LANES]:
        taking._claim(intake.partner_id, intake.pk)
    assert to_take() == []


def test_what_broke_off_and_what_never_ends_is_given_up(business: Business) -> None:
    arriving = new_intake(business, Intake.Origin.COMMAND, Format.CSV)
    from_feed = new_intake(business, Intake.Origin.FEED, Format.CSV)
    stuck = arrived(business, as_csv(lamps("one")))
    assert to_take() == [(business.partner_id, stuck.pk)]
    Intake.objects.filter(pk__in=[arriving.pk, from_feed.pk]).update(claimed_until=timezone.now())
    Intake.objects.filter(pk=stuck.pk).update(attempt=taking.MOST_ATTEMPTS)
    assert not take(business.partner_id, stuck.pk)
    assert to_take() == []
    assert list(Intake.objects.order_by("pk").values_list("pk", "state", "problem")) == [
        (arriving.pk, State.FAILED, "broken_off"),
        (stuck.pk, State.FAILED, "given_up"),
    ]


def test_a_part_that_comes_too_late_is_not_kept(business: Business) -> None:
    intake = new_intake(business, Intake.Origin.COMMAND, Format.CSV)
    fail(intake, "broken_off")
    with pytest.raises(ArrivalEnded):
        fill(intake, [as_csv(lamps("one"))])
    assert not IntakePart.objects.exists()
