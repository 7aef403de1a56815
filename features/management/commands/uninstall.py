"""Uninstall a business, or one feature of it, at Meta."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from features.models import Feature, Installation
from features.sync import sync_one
from features.uninstalling.asking import Impossible, ask
from features.uninstalling.models import Uninstall
from features.uninstalling.running import run_one
from features.uninstalling.texts import remedy_of, standing_of
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.commands import BadInput, PortalCommand, app_of, business_of, partner_of
from partners.models import Partner
from partners.tenancy import tenant


class Command(PortalCommand):
    """`uninstall PARTNER EXTERNAL_ID [--app ID] [--feature INSTANCE_ID] [--yes]`"""

    help = "Ask Meta to remove a business's whole connection, or to switch one feature of it off, and look once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("external_id")
        parser.add_argument("--app", help="Meta app id; absent: the partner's oldest app")
        parser.add_argument("--feature", metavar="INSTANCE_ID", help="this feature alone; absent: everything")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask the person, then Meta, look once, and say how far it is; what is left the workers do."""
        partner = partner_of(options["partner"])
        installation, feature = self._subject(partner, options)
        if not options["yes"]:
            _confirm(feature or installation)
        row = self._ask(installation, feature)
        run_one(partner.pk, row.pk)
        sync_one(partner.pk, installation.pk)
        run_one(partner.pk, row.pk)
        self._say(row)

    def _subject(self, partner: Partner, options: dict[str, Any]) -> tuple[Installation, Feature | None]:
        with tenant(partner.pk):
            business = business_of(partner, options["external_id"])
            rows = Installation.objects.filter(meta_app=app_of(partner, options["app"]), business=business)
            installation = rows.select_related("business", "meta_app").first()
            if installation is None:
                raise BadInput(f"business “{business.external_business_id}” never connected to this app")
            if not options["feature"]:
                return installation, None
            features = Feature.objects.filter(installation=installation, feature_instance_id=options["feature"])
            feature = features.select_related("installation").first()
        if feature is None:
            raise BadInput(f"the business has no feature “{options['feature']}”")
        return installation, feature

    def _ask(self, installation: Installation, feature: Feature | None) -> Uninstall:
        by = By.command("uninstall")
        with tenant(installation.partner_id):
            try:
                row = ask(installation, feature, by=by.name)
            except Impossible as why:
                raise BadInput(str(why)) from None
            record(Action.UNINSTALL_ASKED, row, by=by)
        return row

    def _say(self, row: Uninstall) -> None:
        with tenant(row.partner_id):
            row.refresh_from_db()
        self.stdout.write(str(row.get_state_display()))
        for text in filter(None, (standing_of(row), row.explanation, remedy_of(row))):
            self.stderr.write(text)


def _confirm(subject: Installation | Feature) -> None:
    if not sys.stdin.isatty():
        raise BadInput("this cannot be asked here: say --yes")
    if input(f"Uninstall {subject} at Meta? Type yes: ").strip().lower() != "yes":
        raise BadInput("nothing was uninstalled")
