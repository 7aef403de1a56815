"""Make a partner with its Meta app, or update what is given."""

import argparse
from typing import Any

from django.core.management.base import CommandParser

from mbe.catalog import FEATURE_TYPES, canonical_feature_type
from partners.app_secrets import replace_secret
from partners.audit.recording import By
from partners.audit.saving import audited
from partners.commands import BadInput, PortalCommand, checked
from partners.models import MetaApp, Partner, every_feature_type
from partners.tenancy import platform


def feature_types(text: str) -> list[str]:
    """A comma-separated list of feature types, as canonical words."""
    names = [canonical_feature_type(name.strip()) for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in FEATURE_TYPES]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"unknown feature type {', '.join(unknown) or '(none given)'}")
    return list(dict.fromkeys(names))


class Command(PortalCommand):
    """`add_partner SLUG --name N --app-id ID --app-secret S --verify-token V [--features a,b,…]`"""

    help = "Make a partner with its Meta app; run again, it updates what is given."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("slug")
        parser.add_argument("--name")
        parser.add_argument("--app-id")
        parser.add_argument("--app-secret")
        parser.add_argument("--verify-token")
        parser.add_argument("--features", type=feature_types, help="comma separated; absent: every type")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write partner and app in one transaction."""
        with platform():
            partner = Partner.objects.filter(slug=options["slug"]).first() or Partner(slug=options["slug"])
            if options["name"] is None and partner.pk is None:
                raise BadInput("a new partner needs --name")
            with audited(partner, By.command("add_partner")):
                if options["name"] is not None:
                    partner.name = options["name"]
                checked(partner)
            if options["app_id"]:
                self._write_app(partner, options)
            elif any(options[name] is not None for name in ("app_secret", "verify_token", "features")):
                raise BadInput("--app-secret, --verify-token and --features need --app-id")
        self.stdout.write(f"partner {partner.slug}")

    def _write_app(self, partner: Partner, options: dict[str, Any]) -> None:
        app = MetaApp.objects.select_for_update().filter(app_id=options["app_id"]).first()
        if app is not None and app.partner_id != partner.pk:
            raise BadInput(f"app id “{app.app_id}” belongs to another partner")
        if app is None:
            app = MetaApp(partner=partner, app_id=options["app_id"], name=partner.name, features=every_feature_type())
            if not options["app_secret"] or not options["verify_token"]:
                raise BadInput("a new app needs --app-secret and --verify-token")
        with audited(app, By.command("add_partner")):
            self._fill(app, options)
            checked(app)

    def _fill(self, app: MetaApp, options: dict[str, Any]) -> None:
        for option in ("app_secret", "verify_token", "features"):
            if options[option] == "":
                raise BadInput(f"--{option.replace('_', '-')} is empty")
            if options[option] is not None and option != "app_secret":
                setattr(app, option, options[option])
        if options["app_secret"] and replace_secret(app, options["app_secret"]):
            self.stdout.write("the secret before verifies webhooks until somebody retires it on the app's page")
