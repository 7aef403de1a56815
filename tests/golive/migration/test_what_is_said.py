"""What staff are told of an import and of its rows: what differs, why it waits, what is wrong with a file."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalogs.models import Format
from features.models import Installation
from golive.migration.arriving import fill, new_import
from golive.migration.models import Import
from golive.migration.wording import problem_text, reasons_text
from mbe.v2 import IMPLIED_BY_CHANNEL
from partners.models import Business, MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import BusinessFactory, MembershipFactory
from tests.golive.migration.files import COLUMNS, HEAD, arrived, line, reasons, refused, taken
from tests.meta import Meta

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(meta: Meta) -> Client:
    """The browser of a manager of the app's partner."""
    return signed_in(MembershipFactory.create(partner=meta.app.partner, role=Role.MANAGER).user)


def said_of(run: Import) -> list[str]:
    """What the page says of the rows."""
    return [reasons_text(each) for each in reasons(run).values()]


def test_a_channel_that_nobody_knows_is_pointed_out_and_the_row_taken(meta: Meta) -> None:
    text = HEAD + line("shop-1", meta.connect("shop-1", "catalog"), channel="LEAD_ADZ")
    for is_dry_run in (True, False):
        run = taken(arrived(meta, text, is_dry_run=is_dry_run))
        assert (run.imported, run.rejected) == (1, 0)
        assert said_of(run) == ["no known channel, so it counts as DEFAULT: LEAD_ADZ"]
    assert Installation.objects.get().channel == "LEAD_ADZ"


def test_of_a_known_channel_nothing_is_said(meta: Meta) -> None:
    channels = ["", "commerce", *IMPLIED_BY_CHANNEL]
    tokens = meta.connect_many(len(channels), "catalog", prefix="shop-")
    text = HEAD + "".join(line(*each, channel=channel) for each, channel in zip(tokens.items(), channels, strict=True))
    assert said_of(taken(arrived(meta, text))) == []


def test_a_file_narrows_no_business_that_has_all_verticals(meta: Meta) -> None:
    token = meta.connect("shop-1", "catalog")
    BusinessFactory.create(partner=meta.app.partner, external_business_id="shop-1", verticals=[])
    row = {"external_business_id": "shop-1", "access_token": token, "verticals": ["ECOMMERCE"]}
    run = taken(arrived(meta, json.dumps(row), format=Format.JSON_LINES))
    assert Business.objects.get().verticals == []
    assert said_of(run) == ["the portal has another value, which stays: verticals"]


def test_a_new_business_has_the_verticals_of_its_row(meta: Meta) -> None:
    row = {"external_business_id": "shop-1", "access_token": meta.connect("shop-1"), "verticals": "ECOMMERCE;LEAD_ADS"}
    taken(arrived(meta, json.dumps(row), format=Format.JSON_LINES))
    assert Business.objects.get().verticals == ["ECOMMERCE", "LEAD_ADS"]
    again = taken(arrived(meta, json.dumps({**row, "verticals": "LEAD_ADS;ECOMMERCE"}), format=Format.JSON_LINES))
    assert said_of(again) == []


def test_who_must_reconnect_is_named_each_time_the_file_is_taken(meta: Meta) -> None:
    text = HEAD + line("shop-1", "EAAB-invented-token") + line("shop-2", meta.connect("shop-2", "catalog"))
    first, second = (taken(arrived(meta, text)) for _ in range(2))
    assert (first.to_reconnect, second.to_reconnect, second.unchanged) == (1, 1, 1)
    assert reasons(first) == reasons(second) and list(reasons(second)) == [2]
    assert said_of(second)[0].startswith("the token cannot be used; the business has to reconnect: ")


def test_what_is_said_of_several_fields_is_said_once(meta: Meta) -> None:
    BusinessFactory.create(partner=meta.app.partner, external_business_id="shop-1", name="Ours", timezone="UTC")
    run = taken(arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "catalog"))))
    assert said_of(run) == ["the portal has another value, which stays: name, timezone, currency"]
    assert reasons_text(["name:bad", "external_business_id:missing", "timezone:bad", "row:bad_json"]) == (
        "not valid: name, timezone; missing: external_business_id; no JSON"
    )


@pytest.mark.parametrize(
    ("content", "name", "problem"),
    [
        (
            HEAD.replace("\n", "\r").encode() + line("shop-1", "EAAB-a").replace("\n", "\r").encode(),
            "v2.csv",
            "bare_cr",
        ),
        (b"\x28\xb5\x2f\xfd\x00\x01\x02\x03 not of gzip", "v2.csv.gz", "no_gzip"),
        (b"neither names nor rows", "v2.CSV.GZ", "no_gzip"),
        (b"", "v2.csv.gz", "empty"),
        ((HEAD + line("shop-1", "EAAB-a", name="Caf\xe9")).encode("latin-1"), "v2.csv", "not_utf8:2"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_as_it_is(meta: Meta, content: bytes, name: str, problem: str) -> None:
    run = new_import(meta.app, Format.CSV, name=name)
    assert fill(run, [content]) == problem


def test_the_words_for_a_file_are_those_of_an_import(meta: Meta) -> None:
    assert refused(meta, [b""]) == "empty"
    assert problem_text("empty") == "The file is empty."
    assert "Latin-1" in problem_text("not_utf8:2") and "gzip" in problem_text("no_gzip")
    assert "cannot be told apart" in problem_text("bare_cr")


def test_a_file_that_was_unpacked_on_its_way_is_taken_whatever_its_name(meta: Meta) -> None:
    run = new_import(meta.app, Format.CSV, name="v2.csv.gz")
    assert fill(run, [b"", (HEAD + line("shop-1", meta.connect("shop-1", "catalog"))).encode()]) == ""
    assert taken(run).imported == 1


def test_a_file_of_names_only_says_that_it_has_no_rows(meta: Meta, manager: Client) -> None:
    run = taken(arrived(meta, f"{COLUMNS}\n\n"))
    assert (run.state, run.problem) == (Import.State.DONE, "no_rows")
    page = manager.get(reverse("golive-import", args=[run.pk])).content.decode()
    assert "The file has a line of names, but no rows below it." in page and "100 %" in page


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".CSV.gz", ".json.gz"])
def test_each_ending_that_the_form_names_is_taken_and_no_other(meta: Meta, manager: Client, ending: str) -> None:
    address = reverse("golive-imports", args=[meta.app.pk])
    refusal = manager.post(address, {"file": SimpleUploadedFile("v2.xml", b"x")}).content.decode()
    assert all(part in refusal for part in ending.lower().replace(".gz", " .gz").split())
    assert manager.post(address, {"file": SimpleUploadedFile(f"v2{ending}", b"x")}).status_code == 302


def test_while_a_limit_is_waited_out_each_import_of_the_app_says_until_when(meta: Meta, manager: Client) -> None:
    text = HEAD + line("shop-1", meta.connect("shop-1", "catalog"))
    runs = [arrived(meta, text) for _ in range(2)]
    meta.fail("rate_limit_app", path="batch")
    taken(runs[0])
    pages = [manager.get(reverse("golive-import", args=[run.pk])).content.decode() for run in runs]
    assert "Meta cannot answer now; it goes on by itself at " in pages[0]
    assert "A limit of Meta&#x27;s for the app is waited out; it begins by itself at " in pages[1]
    listed = manager.get(reverse("golive-imports", args=[meta.app.pk])).content.decode()
    assert "it goes on by itself at " in listed and "it begins by itself at " in listed


def test_an_import_waits_for_whatever_ends_last(meta: Meta) -> None:
    run = arrived(meta, HEAD)
    assert run.waits_until is None
    run.refresh_from_db()
    now = timezone.now()
    run.not_before, soon, late = now - timedelta(minutes=1), now + timedelta(minutes=1), now + timedelta(minutes=5)
    run.meta_app = MetaApp(paused_until=soon)
    assert run.waits_until == soon
    run.not_before = late
    assert run.waits_until == late
    run.state = Import.State.STOPPED
    assert run.waits_until is None


def test_a_valid_token_whose_access_to_data_has_run_out_is_taken_with_a_note(meta: Meta) -> None:
    tokens = {name: meta.connect(name, "catalog") for name in ("shop-1", "shop-2", "shop-3")}
    for name in ("shop-1", "shop-3"):
        meta.change(name, end_data_access=True)
    meta.change("shop-3", kill_tokens=460)
    run = taken(arrived(meta, HEAD + "".join(line(*each) for each in tokens.items())))
    assert (run.imported, run.to_reconnect) == (2, 1)
    said = reasons(run)
    assert said[2] == ["access_token:data_access"] and 3 not in said
    assert "the business may have to reconnect" in reasons_text(said[2])
    assert [each.partition(":dead:")[0] for each in said[4]] == ["access_token"]
