"""Make an entry point of a partner, or update what is given."""

import argparse
from typing import Any

from django.core.management.base import CommandParser

from mbe.catalog import CHANNELS, VERTICALS
from onboarding.checks import entry_point_problems
from onboarding.models import EntryPoint
from partners.audit.recording import By
from partners.audit.saving import audited
from partners.commands import BadInput, PortalCommand, app_of, checked, within
from partners.models import Partner


class Command(PortalCommand):
    """`add_entry_point PARTNER SLUG --vertical V [--intent I] [--label L] [--percent N] [--channel C]`

    `--minimal` and `--no-minimal` stand for 100 and 0 percent.
    """

    help = "Make an entry point; run again, it updates what is given."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("slug")
        parser.add_argument("--app", help="Meta app id; absent: the partner's oldest app")
        parser.add_argument("--vertical", choices=list(VERTICALS), metavar="V")
        parser.add_argument("--intent", metavar="I")
        parser.add_argument("--label", metavar="L")
        share = parser.add_mutually_exclusive_group()
        share.add_argument("--minimal", action=argparse.BooleanOptionalAction, help="the v3 menu for all (default)")
        share.add_argument("--percent", type=int, metavar="N", help="the v3 menu for N %% of the businesses")
        parser.add_argument("--channel", choices=list(CHANNELS), metavar="C", help="v2 channel, with --no-minimal")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the entry point, unless vertical and intent do not fit together or with the app."""
        with within(options["partner"]) as partner:
            key = {"partner": partner, "slug": options["slug"]}
            entry_point = EntryPoint.objects.select_for_update().filter(**key).first() or EntryPoint(**key)
            with audited(entry_point, By.command("add_entry_point")):
                self._fill(entry_point, partner, options)
                self._check(entry_point)
                checked(entry_point)
        self.stdout.write(f"entry point {entry_point.slug}")

    def _check(self, entry_point: EntryPoint) -> None:
        if not entry_point.vertical:
            raise BadInput("a new entry point needs --vertical")
        problems = entry_point_problems(entry_point.vertical, entry_point.intent, entry_point.meta_app)
        if problems:
            raise BadInput(" ".join(str(problem) for problem in problems))

    def _fill(self, entry_point: EntryPoint, partner: Partner, options: dict[str, Any]) -> None:
        if entry_point.pk is None or options["app"]:
            entry_point.meta_app = app_of(partner, options["app"])
        values = {
            "vertical": options["vertical"],
            "intent": options["intent"],
            "label": options["label"],
            "channel": options["channel"],
        }
        percent = options["percent"] if options["minimal"] is None else 100 * options["minimal"]
        if percent is not None:
            if percent not in range(101):
                raise BadInput("--percent takes a number from 0 to 100")
            entry_point.turn_to(percent)
        for name, value in values.items():
            if value is not None:
                setattr(entry_point, name, value)
