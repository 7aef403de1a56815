"""Hand over a business's products."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandParser

from catalogs.intakes import fill, format_of, new_intake
from catalogs.models import Format, Intake
from catalogs.wording import problem_text
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.commands import BadInput, PortalCommand, business_of, within

STDIN = "-"
PIECE_BYTES = 256 * 1024


class Command(PortalCommand):
    """`take_products PARTNER EXTERNAL_ID FILE|- [--format csv|jsonl] [--partial]`"""

    help = "Hand over a file of a business's products (CSV or JSON Lines, also .gz); a worker takes them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("external_id")
        parser.add_argument("file", help="a file, or - for standard input")
        parser.add_argument("--format", choices=Format.values, help="absent: by the file's name")
        parser.add_argument("--partial", action="store_true", help="products that the file does not name stay")

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep the file, and say under which number it is taken."""
        format = options["format"] or format_of(options["file"])
        with within(options["partner"]) as partner:
            business = business_of(partner, options["external_id"])
        if format is None:
            raise BadInput("the file's name does not tell the format: give --format")
        with _opened(options["file"]) as file:
            intake = new_intake(
                business,
                Intake.Origin.COMMAND,
                Format(format),
                name=Path(options["file"]).name,
                is_whole=not options["partial"],
            )
            record(Action.UPLOADED, intake, by=By.command("take_products"))
            if problem := fill(intake, _pieces(file)):
                raise BadInput(f"intake {intake.pk}: {problem_text(problem)}")
        self.stdout.write(f"intake {intake.pk}: a worker takes {intake.name}")


def _opened(name: str) -> BinaryIO:
    if name == STDIN:
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}") from None


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece
