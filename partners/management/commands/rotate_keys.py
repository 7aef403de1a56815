"""Encrypt everything with the newest key of ENCRYPTION_KEYS."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.commands import BadInput, PortalCommand
from partners.keys import forget, is_newest_used, ring, use_keys
from partners.models import EncryptionKey
from partners.rotation import NotYet, Tally, forget_older_keys, rotate

BAR = 30
STOPPED = 130
MOST_NAMED = 20


class Command(PortalCommand):
    """`rotate_keys [--idle] [--forget FINGERPRINT]`"""

    help = (
        "Encrypt everything with the newest key, while the portal serves; stopped, it goes on when it is run again."
        " Before: put the new key in front of ENCRYPTION_KEYS and restart every process."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--idle",
            action="store_true",
            help="nothing of the portal is running: no process has to have started with the newest key",
        )
        parser.add_argument(
            "--forget",
            metavar="FINGERPRINT",
            help="of a key that is lost for good: start without it; what it sealed stays unreadable",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, then say what was done and which keys can go."""
        self._begin(options["forget"], is_idle=options["idle"])
        try:
            tally = rotate(self._show_progress)
        except NotYet:
            raise CommandError(
                "values sealed with an older key keep coming: restart every process with the newest key in front"
                " of ENCRYPTION_KEYS, and run this again"
            ) from None
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                self.stderr.write("")
            raise CommandError("stopped; run it again to go on", returncode=STOPPED) from None
        self._end(tally)

    def _begin(self, lost: str | None, *, is_idle: bool) -> None:
        with transaction.atomic():
            # Asked first: what follows records the newest key itself, and a refusal takes that back.
            is_known = is_newest_used()
            if lost:
                _forget(lost)
            if problem := use_keys():
                raise BadInput(problem)
            if not (is_known or is_idle):
                raise BadInput(
                    f"no process has started with the key {next(iter(ring()))} yet: restart every process with it"
                    " in front of ENCRYPTION_KEYS first; with nothing running, say --idle"
                )
        if lost:
            self.stdout.write(f"key {lost} forgotten")

    def _end(self, tally: Tally) -> None:
        self.stdout.write(f"{tally.renewed} of {tally.looked_at} values encrypted anew")
        self.stdout.write(f"all that can be read is encrypted with the key {next(iter(ring()))}")
        older = forget_older_keys()
        self._record(older)
        for name in older:
            self.stdout.write(f"the key {name} can be taken out of ENCRYPTION_KEYS")
        if tally.unknown:
            raise CommandError("; ".join(_named(table, ids) for table, ids in tally.unknown.items()))

    def _record(self, older: list[str]) -> None:
        newest = EncryptionKey.objects.get(fingerprint=next(iter(ring())))
        changes = {"fingerprint": [", ".join(older), newest.fingerprint]}
        record(Action.KEYS_ROTATED, newest, by=By.command("rotate_keys"), changes=changes)

    def _show_progress(self, tally: Tally) -> None:
        if not sys.stderr.isatty():
            return
        total = max(tally.total, tally.looked_at)
        filled = BAR * tally.looked_at // total
        end = "\n" if tally.looked_at == total else ""
        self.stderr.write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {tally.looked_at}/{total}", ending=end)


def _forget(name: str) -> None:
    if name in ring():
        raise BadInput(f"the key {name} is in ENCRYPTION_KEYS; nothing that it sealed is lost")
    if not forget(name):
        raise BadInput(f"no key with the fingerprint {name} was ever used")


def _named(table: str, ids: list[int]) -> str:
    shown = ", ".join(map(str, ids[:MOST_NAMED])) + (", …" if len(ids) > MOST_NAMED else "")
    return f"no key in ENCRYPTION_KEYS opens {len(ids)} of {table}: id {shown}"
