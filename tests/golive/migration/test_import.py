"""v2 installations from a file: taken row by row, tokens checked in batches, nobody signs in again."""

import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from catalogs.models import Format
from features.models import AccessToken, Change, Installation
from features.sync import drain
from golive.migration import taking
from golive.migration.arriving import fill, new_import
from golive.migration.models import Import, ImportPart, ImportRow
from golive.migration.rejected import rejected_csv
from partners.models import Business
from partners.tenancy import tenant
from tests.factories import BusinessFactory
from tests.golive.migration.files import HEAD, arrived, line, taken
from tests.meta import Meta

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_good_row_becomes_a_business_that_is_synced_with_the_token_it_has(meta: Meta) -> None:
    run = taken(arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "catalog"))))
    assert (run.state, run.imported, run.rejected) == (Import.State.DONE, 1, 0)
    business = Business.objects.get(external_business_id="shop-1")
    assert (business.name, business.timezone, business.currency) == ("Shop shop-1", "Asia/Taipei", "TWD")
    installation = Installation.objects.get(business=business)
    assert (installation.state, installation.channel) == (Installation.State.PENDING, "COMMERCE")
    assert installation.assets == {"pages": ["111"]}
    token = AccessToken.objects.get(installation=installation)
    assert token.expires_at and "manage_business_extension" in token.scopes
    drain()
    installation.refresh_from_db()
    assert installation.state == Installation.State.CONNECTED
    assert set(Change.objects.values_list("cause", flat=True)) == {"import"}


def test_nothing_of_the_file_is_left_when_it_is_taken(meta: Meta) -> None:
    run = arrived(meta, HEAD + line("shop-1", token := meta.connect("shop-1", "catalog")) + "x\n")
    part = ImportPart.objects.get(run=run)
    assert token.encode() not in bytes(part.sealed)
    taken(run)
    assert not ImportPart.objects.exists()
    assert token not in str(list(ImportRow.objects.values())) + str(Import.objects.values())


def test_bad_rows_are_named_with_their_line_and_come_back_without_their_token(meta: Meta) -> None:
    token = meta.connect("shop-1", "catalog")
    bad = line("", token) + line("shop-2", token, timezone="Mars") + line("shop-1", token)
    run = taken(arrived(meta, HEAD + line("shop-1", token) + bad + "shop-3\n"))
    assert (run.imported, run.rejected) == (1, 4)
    found = dict(ImportRow.objects.filter(outcome="rejected").values_list("line", "reasons"))
    assert found == {
        3: ["external_business_id:missing"],
        4: ["timezone:bad"],
        5: ["external_business_id:duplicate:2"],
        6: ["access_token:missing"],
    }
    text = b"".join(rejected_csv(run)).decode()
    assert "Mars" in text and token not in text and "access_token" not in text.splitlines()[0]


def test_a_dead_token_has_the_business_imported_and_told_to_reconnect(meta: Meta) -> None:
    run = taken(arrived(meta, HEAD + line("shop-1", "EAAB-invented-token")))
    assert (run.imported, run.to_reconnect, run.rejected) == (0, 1, 0)
    installation = Installation.objects.get(business__external_business_id="shop-1")
    assert (installation.state, installation.reason) == (Installation.State.RECONNECT, Installation.Reason.TOKEN_DEAD)
    assert AccessToken.objects.get().dead_at and not installation.is_syncing
    assert Change.objects.get().kind == Change.Kind.RECONNECT


def test_a_dead_token_that_comes_again_still_has_the_business_to_reconnect(meta: Meta) -> None:
    text = HEAD + line("shop-1", "EAAB-invented-token")
    taken(arrived(meta, text))
    calls = meta.counters()["requests"]
    run = taken(arrived(meta, text))
    assert (run.unchanged, run.to_reconnect) == (0, 1)
    assert meta.counters()["requests"] == calls
    assert Change.objects.count() == 1


def test_twice_the_same_file_changes_nothing_and_asks_meta_nothing(meta: Meta) -> None:
    text = HEAD + line("shop-1", meta.connect("shop-1", "catalog"))
    taken(arrived(meta, text))
    drain()
    before, calls = Installation.objects.values().get(), meta.counters()["requests"]
    run = taken(arrived(meta, text))
    assert (run.imported, run.unchanged) == (0, 1)
    assert Installation.objects.values().get() == before
    assert (Business.objects.count(), AccessToken.objects.filter(kind="login").count()) == (1, 1)
    assert meta.counters()["requests"] == calls


def test_a_dry_run_says_the_same_and_writes_nothing(meta: Meta) -> None:
    text = (
        HEAD + line("shop-1", meta.connect("shop-1", "catalog")) + line("shop-2", "EAAB-invented-token") + line("", "x")
    )
    run = taken(arrived(meta, text, is_dry_run=True))
    assert (run.state, run.imported, run.to_reconnect, run.rejected) == (Import.State.DONE, 1, 1, 1)
    assert not Business.objects.exists() and not Installation.objects.exists() and not AccessToken.objects.exists()


def test_what_the_portal_has_stays_and_only_what_is_empty_is_filled(meta: Meta) -> None:
    BusinessFactory.create(partner=meta.app.partner, external_business_id="shop-1", name="Ours", timezone="UTC")
    nameless = BusinessFactory.create(partner=meta.app.partner, external_business_id="shop-2", name="shop-2")
    rows = [line(each, meta.connect(each, "catalog")) for each in ("shop-1", "shop-2")]
    taken(arrived(meta, HEAD + "".join(rows)))
    assert Business.objects.get(external_business_id="shop-1").name == "Ours"
    nameless.refresh_from_db()
    assert nameless.name == "Shop shop-2"
    reasons = ImportRow.objects.get(external_business_id="shop-1").reasons
    assert "name:differs" in reasons and "timezone:differs" in reasons


def test_sixty_tokens_are_asked_about_in_two_requests(meta: Meta) -> None:
    token = meta.connect("shop", "catalog")
    before = meta.counters()["requests"]
    run = taken(arrived(meta, HEAD + "".join(line(f"shop-{each}", token) for each in range(60))))
    assert run.imported == 60
    after = meta.counters()["requests"]
    assert sum(after.values()) - sum(before.values()) == 2


def test_a_worker_that_dies_loses_nothing_and_nothing_is_taken_twice(meta: Meta) -> None:
    token = meta.connect("shop", "catalog")
    run = arrived(meta, HEAD + "".join(line(f"shop-{each}", token) for each in range(120)))

    class Killed(BaseException):
        """The process is gone."""

    def die(_run: Import) -> None:
        raise Killed

    for imported in (50, 100):
        with pytest.raises(Killed):
            taking.take(run.partner_id, run.pk, die)
        assert Installation.objects.count() == imported
        with tenant(run.partner_id):
            Import.objects.filter(pk=run.pk).update(claimed_until="2020-01-01T00:00:00Z")
        assert taking.to_take() == [(run.partner_id, run.pk)]
    run = taken(run)
    assert (run.state, run.imported, run.rejected) == (Import.State.DONE, 120, 0)
    assert Installation.objects.filter(requested_generation=1).count() == 120


def test_a_rate_limit_is_waited_out(meta: Meta) -> None:
    run = arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "catalog")))
    meta.fail("rate_limit_buc", path="batch")
    run = taken(run)
    assert (run.state, run.imported) == (Import.State.WAITING, 0)
    assert taking.to_take() == []


def test_a_stopped_import_is_resumed_where_it_stood(meta: Meta) -> None:
    token = meta.connect("shop", "catalog")
    run = arrived(meta, HEAD + "".join(line(f"shop-{each}", token) for each in range(60)))
    taking.take(run.partner_id, run.pk, lambda each: [taking.stop(each)].clear())
    run.refresh_from_db()
    assert (run.state, run.imported) == (Import.State.STOPPED, 50)
    assert taking.resume(run)
    assert (taken(run).state, taken(run).imported) == (Import.State.DONE, 60)


def test_where_a_batch_is_refused_each_token_is_asked_about_alone(meta: Meta) -> None:
    text = HEAD + line("shop-1", meta.connect("shop-1", "catalog"))
    meta.turn(refuse_batch=True)
    assert taken(arrived(meta, text)).imported == 1


def test_a_file_without_a_head_is_refused_and_kept_nowhere(meta: Meta) -> None:
    run = new_import(meta.app, Format.CSV)
    assert fill(run, [b"shop-1,EAAB-a-token\n"]) == "no_column:external_business_id"
    assert not ImportPart.objects.exists()
    assert "EAAB" not in str(Import.objects.values())


def test_the_command_takes_json_lines_and_says_where_the_rejected_rows_went(meta: Meta, tmp_path: Path) -> None:
    rows = [{"external_business_id": "shop-1", "access_token": meta.connect("shop-1", "catalog"), "pages": ["1", "2"]}]
    file, rejected = tmp_path / "v2.jsonl", tmp_path / "rejected.csv"
    file.write_text("\n".join([*map(json.dumps, rows), "no json"]))
    out = io.StringIO()
    call_command("import_v2", meta.app.partner.slug, str(file), "--rejected", str(rejected), stdout=out)
    assert "1 imported" in out.getvalue() and str(rejected) in out.getvalue()
    assert Installation.objects.get().assets == {"pages": ["1", "2"]}
    assert rejected.read_text().count("\n") == 2


def test_the_command_tells_what_became_of_the_file_whoever_takes_it(meta: Meta, tmp_path: Path) -> None:
    token = meta.connect("shop", "catalog")
    file, out = tmp_path / "v2.csv", io.StringIO()
    file.write_text(HEAD + "".join(line(f"shop-{each}", token) for each in range(120)))
    meta.turn(slow_seconds=0.3)
    is_done = threading.Event()

    def work() -> None:
        while not is_done.wait(0.01):
            for partner_id, run_id in taking.to_take():
                taking.take(partner_id, run_id)
        connection.close()

    with ThreadPoolExecutor(1) as worker:
        working = worker.submit(work)
        try:
            call_command("import_v2", meta.app.partner.slug, str(file), stdout=out)
        finally:
            is_done.set()
        working.result()
    assert "120 imported" in out.getvalue() and "goes on with it" not in out.getvalue()
