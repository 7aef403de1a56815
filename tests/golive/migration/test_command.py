"""The command of imports: interrupted, without a place for its rejected rows, and what it says at the end."""

import io
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from golive.migration import taking
from golive.migration.models import Import, ImportPart
from partners.commands import BadInput
from partners.models import MetaApp
from tests.golive.migration.files import HEAD, line
from tests.meta import Meta
from tests.waiting import PATIENCE_SECONDS, eventually, wait_for_waiters

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C ends what the main thread does, as it does in a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def file_of(meta: Meta, directory: Path, count: int) -> Path:
    """A file of so many good rows."""
    token = meta.connect("shop", "catalog")
    path = directory / "v2.csv"
    path.write_text(HEAD + "".join(line(f"shop-{each}", token) for each in range(count)))
    return path


def interrupted(meta: Meta, file: Path, **when: object) -> str:
    """What the command says when Ctrl-C is pressed as soon as an import is so."""
    main, out = threading.main_thread().ident, io.StringIO()

    def press() -> None:
        try:
            eventually(lambda: Import.objects.filter(**when).exists())
            assert main is not None
            signal.pthread_kill(main, signal.SIGINT)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as aside:
        pressed = aside.submit(press)
        with pytest.raises(SystemExit) as ended:
            call_command("import_v2", meta.app.partner.slug, str(file), stdout=out)
        pressed.result()
    assert ended.value.code == 130
    return out.getvalue()


@pytest.mark.usefixtures("interruptible")
def test_where_it_is_interrupted_a_worker_goes_on_at_once(meta: Meta, tmp_path: Path) -> None:
    file = file_of(meta, tmp_path, 120)
    meta.turn(slow_seconds=2)
    said = interrupted(meta, file, imported=50)
    run = Import.objects.get()
    assert f"interrupted here: import {run.pk} is waiting; a worker goes on with it" in said and "50 imported" in said
    assert (run.state, run.claimed_until, run.failures) == (Import.State.WAITING, None, 0)
    assert taking.to_take() == [(run.partner_id, run.pk)]
    meta.turn(slow_seconds=0)
    taking.take(run.partner_id, run.pk)
    run.refresh_from_db()
    assert (run.state, run.imported, run.rejected) == (Import.State.DONE, 120, 0)


@pytest.mark.usefixtures("interruptible")
def test_what_is_interrupted_before_its_file_is_there_ends(meta: Meta, tmp_path: Path) -> None:
    file = tmp_path / "v2.csv"
    row = line("shop-1", "EAAB-the-token")
    file.write_text(HEAD + row * (20 * 1024 * 1024 // len(row)))
    said = interrupted(meta, file, state=Import.State.ARRIVING)
    run = Import.objects.get()
    assert f"interrupted before all of the file was there: import {run.pk} ends; begin once more" in said
    assert (run.state, run.problem) == (Import.State.FAILED, "broken_off")
    assert not ImportPart.objects.exists()


@pytest.mark.usefixtures("interruptible")
def test_what_is_interrupted_before_it_has_its_number_says_so_and_leaves_nothing(meta: Meta, tmp_path: Path) -> None:
    main, out = threading.main_thread().ident, io.StringIO()
    is_locked, is_over = threading.Event(), threading.Event()

    def press() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {Import._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
                is_locked.set()
                wait_for_waiters(1)
                assert main is not None
                signal.pthread_kill(main, signal.SIGINT)
                is_over.wait(PATIENCE_SECONDS)
        finally:
            is_locked.set()
            connection.close()

    with ThreadPoolExecutor(1) as aside:
        pressed = aside.submit(press)
        is_locked.wait(PATIENCE_SECONDS)
        with pytest.raises(SystemExit) as ended:
            call_command("import_v2", meta.app.partner.slug, str(file_of(meta, tmp_path, 1)), stdout=out)
        is_over.set()
        pressed.result()
    assert ended.value.code == 130
    assert out.getvalue() == "interrupted before the import had its number: nothing was taken; begin once more\n"
    assert not Import.objects.exists()


@pytest.mark.parametrize("place", ["nowhere/rejected.csv", "."])
def test_a_place_for_rejected_rows_that_is_none_is_found_before_the_import(
    meta: Meta, tmp_path: Path, place: str
) -> None:
    with pytest.raises(BadInput, match="rejected rows cannot be written to"):
        call_command(
            "import_v2", meta.app.partner.slug, str(file_of(meta, tmp_path, 1)), "--rejected", str(tmp_path / place)
        )
    assert not Import.objects.exists()


@pytest.mark.parametrize("make", ["symlink_to", "hardlink_to", None])
def test_the_rejected_rows_do_not_take_the_place_of_the_file(meta: Meta, tmp_path: Path, make: str | None) -> None:
    file = file_of(meta, tmp_path, 1)
    before, rejected = file.read_bytes(), tmp_path / ("other.csv" if make else "v2.csv")
    if make:
        getattr(rejected, make)(file)
    with pytest.raises(BadInput, match="is the file to import"):
        call_command("import_v2", meta.app.partner.slug, str(file), "--rejected", str(rejected))
    assert file.read_bytes() == before and not Import.objects.exists()


def test_without_a_place_named_it_needs_none_until_a_row_is_rejected(
    meta: Meta, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_of(meta, tmp_path, 1)
    # Nobody can write there, root neither.
    monkeypatch.chdir("/proc/self")
    call_command("import_v2", meta.app.partner.slug, str(file), stdout=io.StringIO())
    assert Import.objects.get().imported == 1
    file.write_text(HEAD + line("", "EAAB-the-token"))
    with pytest.raises(CommandError, match=r"cannot be written to rejected-rows-\d+\.csv: .*; the page of"):
        call_command("import_v2", meta.app.partner.slug, str(file), stdout=io.StringIO())


def test_a_place_that_fails_after_the_import_is_one_plain_line(meta: Meta, tmp_path: Path) -> None:
    file, full = tmp_path / "v2.csv", Path("/dev/full")
    file.write_text(HEAD + line("", "EAAB-the-token"))
    with pytest.raises(CommandError, match=r"cannot be written to /dev/full: No space left on device; the page of"):
        call_command("import_v2", meta.app.partner.slug, str(file), "--rejected", str(full), stdout=io.StringIO())
    assert Import.objects.get().state == Import.State.DONE


def test_it_says_until_when_a_limit_is_waited_out(meta: Meta, tmp_path: Path) -> None:
    file, out = file_of(meta, tmp_path, 1), io.StringIO()
    meta.fail("rate_limit_app", path="batch")
    call_command("import_v2", meta.app.partner.slug, str(file), stdout=out)
    assert "is waiting; Meta cannot answer now; it goes on by itself at " in out.getvalue()
    assert out.getvalue().rstrip().endswith("; a worker goes on with it")
    MetaApp.objects.update(paused_until=timezone.now() + timedelta(minutes=10))
    Import.objects.update(not_before=None)
    call_command("import_v2", meta.app.partner.slug, str(file), stdout=(second := io.StringIO()))
    assert "A limit of Meta's for the app is waited out; it begins by itself at " in second.getvalue()
