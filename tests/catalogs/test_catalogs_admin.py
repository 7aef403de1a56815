"""Products in the admin: handed over, fetched, looked at."""

import gzip
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalogs import uploads
from catalogs.models import Feed, Format, Intake, Product
from catalogs.taking import take
from partners.audit.models import Action, AuditEntry
from partners.models import Business, Role
from tests.admin_rows import page, signed_in, tool
from tests.catalogs.files import as_csv, as_json_lines, lamps, products, taken
from tests.factories import BusinessFactory, MembershipFactory

pytestmark = pytest.mark.django_db

ADD = reverse("admin:catalogs_intake_add")
ADD_FEED = reverse("admin:catalogs_feed_add")


@pytest.fixture
def business() -> Business:
    """A shop."""
    return BusinessFactory.create()


@pytest.fixture
def manager(business: Business) -> Client:
    """A browser of somebody who may hand products over."""
    return signed_in(MembershipFactory.create(partner=business.partner, role=Role.MANAGER).user)


def upload(client: Client, business: Business, content: bytes | None, name: str = "feed.csv", **values: Any) -> Any:
    """Send the form."""
    file = {} if content is None else {"file": SimpleUploadedFile(name, content)}
    data = {"business": business.pk, "is_whole": "whole", "format_chosen": ""} | values
    return client.post(ADD, data | file, follow=True)


def errors(answer: Any) -> dict[str, list[str]]:
    """What the form complains of."""
    found: dict[str, list[str]] = answer.context["adminform"].form.errors
    return found


@pytest.mark.parametrize(
    ("name", "content", "values", "format"),
    [
        ("feed.csv", as_csv(lamps("one")), {}, Format.CSV),
        ("FEED.CSV.GZ", gzip.compress(as_csv(lamps("one")), mtime=0), {}, Format.CSV),
        ("feed.jsonl", as_json_lines(lamps("one")), {}, Format.JSON_LINES),
        ("feed.export", as_json_lines(lamps("one")), {"format_chosen": "jsonl"}, Format.JSON_LINES),
    ],
)
def test_a_file_is_handed_over_and_taken(
    manager: Client, business: Business, name: str, content: bytes, values: dict[str, str], format: Format
) -> None:
    answer = upload(manager, business, content, name, **values)
    intake = Intake.objects.get()
    assert answer.redirect_chain == [(page("catalogs_intake", intake), 302)]
    assert (intake.state, intake.format, intake.name, intake.is_whole) == ("waiting", format, name, True)
    assert 'http-equiv="refresh"' in answer.content.decode() and "<progress" in answer.content.decode()
    assert AuditEntry.objects.filter(action=Action.UPLOADED, object_id=str(intake.pk)).count() == 1
    take(business.partner_id, intake.pk)
    assert [*products(business)] == ["one"]
    assert 'http-equiv="refresh"' not in manager.get(page("catalogs_intake", intake)).content.decode()


def test_a_part_of_the_products_removes_nothing(manager: Client, business: Business) -> None:
    taken(business, as_csv(lamps("one", "two")))
    upload(manager, business, as_csv(lamps("one")), is_whole="part")
    intake = Intake.objects.latest("pk")
    take(business.partner_id, intake.pk)
    assert [*products(business)] == ["one", "two"]


def test_a_file_on_disk_is_cut_into_parts(manager: Client, business: Business) -> None:
    content = as_csv(lamps(*(f"lamp-{number}" for number in range(30_000)), description="x" * 40))
    upload(manager, business, content)
    intake = Intake.objects.get()
    assert intake.size == len(content) > 3_000_000 and intake.parts.count() == -(-len(content) // (1024 * 1024))


def test_a_bad_upload_says_what_is_wrong_and_leaves_nothing(
    manager: Client, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "file" in errors(upload(manager, business, None))
    assert "file" in errors(upload(manager, business, b""))
    assert "format_chosen" in errors(upload(manager, business, b"id\n", name="feed"))
    monkeypatch.setattr(uploads, "MOST_BYTES", 100_000)
    answer = upload(manager, business, b"x" * 300_000)
    assert "200 MB" in str(errors(answer)["file"])
    assert not Intake.objects.exists()


def test_another_partners_business_cannot_be_chosen(manager: Client) -> None:
    assert "business" in errors(upload(manager, BusinessFactory.create(), as_csv(lamps("one"))))
    assert not Intake.objects.exists()


def test_a_file_that_is_something_else_is_an_intake_that_says_so(manager: Client, business: Business) -> None:
    answer = upload(manager, business, b"\x1f\x8bno gzip")
    assert Intake.objects.get().state == "failed" and "damaged" in answer.content.decode()


def test_files_are_refused_everywhere_else(manager: Client, business: Business) -> None:
    viewer = signed_in(MembershipFactory.create(partner=business.partner, role=Role.VIEWER).user)
    assert upload(viewer, business, as_csv(lamps("one"))).status_code == 403
    data = {"business": business.pk, "file": SimpleUploadedFile("feed.csv", b"x")}
    answer = manager.post(ADD_FEED, data)
    assert answer.wsgi_request.FILES == {} and not Intake.objects.exists()


def test_rejected_rows_are_shown_in_words_and_nothing_in_them_is_alive(manager: Client, business: Business) -> None:
    rows = lamps("good") + lamps("<script>alert(1)</script>", price="free") + lamps('=HYPERLINK("x")', price="free")
    intake = taken(business, as_csv([*rows, *lamps("better")]))
    content = manager.get(page("catalogs_intake", intake)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content and "<script>alert" not in content
    assert "price: no price such as 9.99 USD" in content
    answer = manager.get(reverse("admin:catalogs_intake_rejected", args=[intake.pk]))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]  # streamed
    assert lines == [
        "line,id,reasons",
        "3,<script>alert(1)</script>,price: no price such as 9.99 USD",
        '4,"\'=HYPERLINK(""x"")",price: no price such as 9.99 USD',
    ]


def test_every_problem_has_words(manager: Client, business: Business) -> None:
    taken(business, as_csv(lamps("one")))
    intake = taken(business, as_csv(lamps("one", "two", price="free")))
    content = manager.get(page("catalogs_intake", intake)).content.decode()
    assert "no product was removed" in content and "pill-warning" in content


def test_products_are_found_by_the_beginning_of_their_id(manager: Client, business: Business) -> None:
    taken(business, as_csv(lamps("red-1", "red-2", "blue-1", title="<b>Lamp</b>")))
    address = reverse("admin:catalogs_product_changelist")
    shown = manager.get(address, {"q": "red"}).context["cl"].result_list
    assert {each.item_id for each in shown} == {"red-1", "red-2"}
    ordered = manager.get(address, {"business": business.pk})
    assert [each.item_id for each in ordered.context["cl"].result_list] == ["blue-1", "red-1", "red-2"]
    assert "&lt;b&gt;Lamp" in ordered.content.decode() and "<b>Lamp" not in ordered.content.decode()
    product = Product.objects.get(item_id="red-1")
    assert "https://shop.example/lamp.jpg" in manager.get(page("catalogs_product", product)).content.decode()


def feed_data(business: Business, **values: Any) -> dict[str, Any]:
    """What the form of a feed sends."""
    known = {"business": business.pk, "url": "https://shop.example/feed.csv", "format": "csv", "every_hours": "24"}
    return known | {"is_active": "on"} | values


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"url": "http://shop.example/feed.csv"}, "url"),
        ({"url": "https://me:secret@shop.example/feed.csv"}, "url"),
        ({"url": "https://127.0.0.1/feed.csv"}, "url"),
        ({"url": "https://0x7f.1/feed.csv"}, "url"),
        ({"url": "nonsense"}, "url"),
        ({"every_hours": "0"}, "every_hours"),
        ({"every_hours": "721"}, "every_hours"),
        ({"format": "xml"}, "format"),
    ],
)
def test_a_bad_feed_is_refused(manager: Client, business: Business, values: dict[str, str], field: str) -> None:
    assert [*errors(manager.post(ADD_FEED, feed_data(business, **values)))] == [field]
    assert not Feed.objects.exists()


def test_a_feed_is_added_changed_fetched_and_removed(manager: Client, business: Business) -> None:
    assert manager.post(ADD_FEED, feed_data(business)).status_code == 302
    assert "business" in errors(manager.post(ADD_FEED, feed_data(business)))
    feed = Feed.objects.get()
    Feed.objects.update(next_at=None, etag='"one"', problem="timeout", failures=3)
    assert "did not answer in time" in manager.get(page("catalogs_feed", feed)).content.decode()
    manager.post(page("catalogs_feed", feed), feed_data(business, every_hours="12"))
    feed.refresh_from_db()
    assert (feed.every_hours, feed.next_at, feed.etag) == (12, None, '"one"')
    manager.post(tool("catalogs_feed", feed, "fetch_now"))
    feed.refresh_from_db()
    assert feed.next_at and feed.etag == ""
    Feed.objects.update(next_at=None, etag='"one"')
    manager.post(page("catalogs_feed", feed), feed_data(business, url="https://shop.example/other.csv"))
    feed.refresh_from_db()
    assert feed.next_at and (feed.etag, feed.problem, feed.failures) == ("", "", 0)
    manager.post(page("catalogs_feed", feed, "delete"), {"post": "yes"})
    assert not Feed.objects.exists()


def test_the_pages_name_each_other(manager: Client, business: Business) -> None:
    intake = taken(business, as_csv(lamps("one")))
    products_of = reverse("admin:catalogs_product_changelist") + f"?business={business.pk}"
    for address in (page("partners_business", business), page("catalogs_intake", intake)):
        assert products_of in manager.get(address).content.decode()
