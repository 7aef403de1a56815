"""Check how ready a partner's Meta apps are to go live, and print what was found."""

from typing import Any

from django.core.management.base import CommandParser

from golive.readiness.models import Check
from golive.readiness.registry import applying
from golive.readiness.running import check_app
from partners.commands import PortalCommand, app_of, partner_of
from partners.models import MetaApp
from partners.tenancy import tenant


class Command(PortalCommand):
    """`readiness PARTNER [--app ID]`"""

    help = "Check how ready each Meta app of a partner is to go live, and print each check with its next step."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("--app", help="Meta app id; absent: every app of the partner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the checks, which ask Meta; then print a line for each."""
        partner = partner_of(options["partner"])
        with tenant(partner.pk):
            apps = [app_of(partner, options["app"])] if options["app"] else list(partner.meta_apps.order_by("pk"))
        for app in apps:
            check_app(partner.pk, app.pk)
            self._print(app)

    def _print(self, app: MetaApp) -> None:
        with tenant(app.partner_id):
            found = {(row.key, row.subject): row for row in Check.objects.filter(meta_app=app)}
        for kind, subject in applying(app):
            row = found[kind.key, subject]
            said = " ".join(filter(None, (row.step, f"({row.problem})" if row.problem else "")))
            self.stdout.write(f"{app.app_id} {row}: {row.state} {said}".rstrip())
