"""Make a business of a partner, or update what is given."""

from typing import Any

from django.core.management.base import CommandParser

from mbe.catalog import VERTICALS
from partners.audit.recording import By
from partners.audit.saving import audited
from partners.commands import BadInput, PortalCommand, checked, within
from partners.models import Business


def origin(text: str) -> str:
    """An origin; a bare host name means its https one."""
    return text if "://" in text or not text else f"https://{text}"


class Command(PortalCommand):
    """`add_business PARTNER EXTERNAL_ID --name N [--vertical V …] [--timezone --currency --domain]`"""

    help = "Make a business of a partner; run again, it updates what is given."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("external_id")
        parser.add_argument("--name")
        parser.add_argument(
            "--vertical", action="extend", nargs="+", dest="verticals", choices=list(VERTICALS), metavar="V"
        )
        parser.add_argument("--timezone", help="an IANA name such as Asia/Hong_Kong")
        parser.add_argument("--currency", help="an ISO 4217 code such as HKD")
        parser.add_argument("--domain", type=origin, help="shop.example, or its https origin https://shop.example")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the business."""
        with within(options["partner"]) as partner:
            key = {"partner": partner, "external_business_id": options["external_id"]}
            business = Business.objects.filter(**key).first()
            if business is None:
                if options["name"] is None:
                    raise BadInput("a new business needs --name")
                business = Business(**key)
            with audited(business, By.command("add_business")):
                for name in ("name", "verticals", "timezone", "currency", "domain"):
                    if options[name] is not None:
                        setattr(business, name, options[name])
                business.verticals = list(dict.fromkeys(business.verticals))
                checked(business)
        self.stdout.write(f"business {business.external_business_id}")
