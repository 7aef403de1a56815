"""Import v2 installations from a file."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import sleep
from typing import Any, BinaryIO, NoReturn

from django.core.management.base import CommandError, CommandParser
from django.db import connection

from catalogs.intakes import format_of
from catalogs.models import Format
from golive.migration.arriving import fail, fill, new_import
from golive.migration.models import Import
from golive.migration.rejected import rejected_csv
from golive.migration.taking import take
from golive.migration.wording import problem_text, state_text
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.commands import BadInput, PortalCommand, app_of, within
from partners.tenancy import tenant

PIECE_BYTES = 256 * 1024
# Of fifty rows each.
CHUNKS_OF_A_LINE = 20
POLL_SECONDS = 1.0
# As a shell says of whoever was ended with Ctrl-C.
INTERRUPTED = 130


class Command(PortalCommand):
    """`import_v2 PARTNER FILE [--app ID] [--format csv|jsonl] [--dry-run] [--rejected FILE]`"""

    help = "Import v2 installations from a file (CSV or JSON Lines, also .gz). Nobody has to sign in again."
    # None until it has its number.
    run: Import | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("file")
        parser.add_argument("--app", help="Meta app id; absent: the partner's oldest app")
        parser.add_argument("--format", choices=Format.values, help="absent: by the file's name")
        parser.add_argument("--dry-run", action="store_true", help="check all rows and tokens, import none")
        parser.add_argument("--rejected", help="where rejected rows are written; absent: in the current directory")

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep the file, take it at once, say what became of its rows; a worker goes on where this is interrupted."""
        try:
            self._begin(options)
        except KeyboardInterrupt:
            self._interrupted()

    def _begin(self, options: Mapping[str, Any]) -> None:
        with within(options["partner"]) as partner:
            app = app_of(partner, options["app"])
        format = options["format"] or format_of(options["file"])
        if format is None:
            raise BadInput("the file's name does not tell the format: give --format")
        path = Path(options["file"])
        if options["rejected"]:
            _refuse_if_unwritable(Path(options["rejected"]), path)
        try:
            file = path.open("rb")
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}") from None
        with file:
            self.run = new_import(app, Format(format), name=path.name, is_dry_run=options["dry_run"])
            self._import(self.run, file, options["rejected"])

    def _import(self, run: Import, file: BinaryIO, rejected: str | None) -> None:
        record(Action.ADDED, run, by=By.command("import_v2"))
        if problem := fill(run, iter(lambda: file.read(PIECE_BYTES), b"")):
            raise BadInput(f"import {run.pk}: {problem_text(problem)}")
        if not take(run.partner_id, run.pk, self._progress()):
            self._follow(run)
        self._tell(run, rejected)

    def _interrupted(self) -> NoReturn:
        """Say what becomes of the import; a file that had not arrived yet cannot be taken."""
        # Whatever was under way on it was cut off.
        connection.close()
        if self.run is None:
            self.stdout.write("interrupted before the import had its number: nothing was taken; begin once more")
        else:
            self._say_stand(self.run)
        raise SystemExit(INTERRUPTED)

    def _say_stand(self, run: Import) -> None:
        counts = _counts(run)
        if run.state == Import.State.ARRIVING:
            fail(run, "broken_off", state=run.state)
            self.stdout.write(f"interrupted before all of the file was there: import {run.pk} ends; begin once more")
        else:
            self.stdout.write(f"{counts}\ninterrupted here: {_stand(run)}")

    def _follow(self, run: Import) -> None:
        """Wait for the worker that was quicker."""
        while _is_going_on(run):
            sleep(POLL_SECONDS)

    def _progress(self) -> Any:
        chunks: Iterator[int] = iter(range(1, 10**9))

        def told(run: Import) -> None:
            if next(chunks) % CHUNKS_OF_A_LINE == 0:
                self.stdout.write(_counts(run))

        return told

    def _tell(self, run: Import, rejected: str | None) -> None:
        self.stdout.write(_counts(run))
        if run.problem or not run.is_finished:
            self.stdout.write(_stand(run))
        if run.rejected:
            self._write_rejected(run, Path(rejected or f"rejected-rows-{run.pk}.csv"))

    def _write_rejected(self, run: Import, path: Path) -> None:
        try:
            with path.open("wb") as file:
                file.writelines(rejected_csv(run))
        except OSError as error:
            why = f"the rejected rows cannot be written to {path}: {error.strerror}"
            raise CommandError(f"{why}; the page of import {run.pk} has them") from None
        self.stdout.write(f"rejected rows, without their tokens: {path}")


def _refuse_if_unwritable(rejected: Path, source: Path) -> None:
    """Find out before the import, not after it, that the file of rejected rows has no place."""
    place = rejected if rejected.exists() else rejected.parent
    if rejected.is_dir() or not place.exists() or not os.access(place, os.W_OK):
        raise BadInput(f"rejected rows cannot be written to {rejected}")
    if rejected.exists() and source.exists() and rejected.samefile(source):
        raise BadInput(f"{rejected} is the file to import: name another one for the rejected rows")


def _is_going_on(run: Import) -> bool:
    with tenant(run.partner_id):
        run.refresh_from_db()
        is_due = run.state == Import.State.WAITING and not run.problem and run.waits_until is None
    return is_due or run.state == Import.State.READING


def _stand(run: Import) -> str:
    with tenant(run.partner_id):
        said = state_text(run).rstrip(".")
    goes_on = "resume it in the admin" if run.state == Import.State.STOPPED else "a worker goes on with it"
    return "; ".join(filter(None, [f"import {run.pk} is {run.state}", said, "" if run.is_finished else goes_on]))


def _counts(run: Import) -> str:
    with tenant(run.partner_id):
        run.refresh_from_db()
    dry = "dry run, nothing is written: " if run.is_dry_run else ""
    return (
        f"import {run.pk}: {dry}{run.bytes_read} of {run.size} bytes; {run.imported} imported, {run.unchanged} known "
        f"before, {run.to_reconnect} to reconnect, {run.rejected} rejected"
    )
