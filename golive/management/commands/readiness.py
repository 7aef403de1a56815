"""Check how ready a partner's Meta apps are to go live, and print what was found."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from golive.menus.states import Reason
from golive.readiness.freshness import is_overdue
from golive.readiness.models import Check
from golive.readiness.running import check_app
from golive.readiness.standing import Standing, standing_of
from golive.readiness.texts import overdue_text, problem_text, state_text, step_text, title_of
from partners.commands import PortalCommand, app_of, partner_of
from partners.models import MetaApp
from partners.tenancy import tenant


class Command(PortalCommand):
    """`readiness PARTNER [--app ID]`"""

    help = (
        "Check how ready each Meta app of a partner is to go live. Exit code 0: all is good, if only in the sandbox; "
        "1: something is left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("--app", help="Meta app id; absent: every app of the partner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the checks, which ask Meta; print each with its next step, then end with what is left."""
        partner = partner_of(options["partner"])
        with tenant(partner.pk):
            apps = [app_of(partner, options["app"])] if options["app"] else list(partner.meta_apps.order_by("pk"))
        if left := sum(self._check(app) for app in apps):
            raise CommandError(f"not ready: {left} left", returncode=1)
        if not apps:
            raise CommandError("not ready: there is no Meta app", returncode=1)

    def _check(self, app: MetaApp) -> int:
        """Check one app and print it; how many things are left."""
        check_app(app.partner_id, app.pk)
        standing = standing_of(app)
        for each in standing.checks:
            self._print(app, title_of(each.key, each.subject), state_text(each), *_notes(each))
        self._print_menus(standing)
        return standing.left

    def _print_menus(self, standing: Standing) -> None:
        for each in standing.menus:
            notes = [str(Reason(each.state.reason).label)] if each.state.reason else []
            state = Check.State.GREEN if each.state.is_green else Check.State.RED
            self._print(standing.app, f"Menu {each.state.vertical}", state.label, *notes)
        if not standing.menus:
            self._print(standing.app, "Menus", Check.State.RED.label, "No active entry point leads to this app.")

    def _print(self, app: MetaApp, title: str, state: object, *notes: str) -> None:
        self.stdout.write(f"{app.app_id} {title}: {state}")
        for each in notes:
            self.stdout.write(f"    {each}")


def _notes(check: Check) -> list[str]:
    """The next step, and why the check could not be made now or counts no more."""
    problem = f"could not be checked now: {problem_text(check.problem)}" if check.problem else ""
    overdue = overdue_text(check) if is_overdue(check) else ""
    return [each for each in (step_text(check.step), problem, overdue) if each]
