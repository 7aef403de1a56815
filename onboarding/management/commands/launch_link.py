"""Make a launch link for a business, and print its address."""

from typing import Any

from django.core.management.base import CommandParser

from onboarding.cards import entry_points_of
from onboarding.likeliest import way_back
from onboarding.linking import make_launch_link
from onboarding.models import LaunchLink
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.commands import BadInput, PortalCommand, business_of, within


class Command(PortalCommand):
    """`launch_link PARTNER EXTERNAL_ID [--entry-point SLUG]`"""

    help = "Make a launch link for a business and print its address; it is shown only this once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("external_id")
        parser.add_argument(
            "--entry-point",
            metavar="SLUG",
            help="the one entry point that it opens; absent: every active one of the business's verticals. In the list "
            "of who must reconnect only a link for one entry point counts as a way back",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the link."""
        with within(options["partner"]) as partner:
            business = business_of(partner, options["external_id"])
            entry_point = None
            if options["entry_point"]:
                entry_point = partner.entry_points.filter(slug=options["entry_point"], is_active=True).first()
                if entry_point is None:
                    raise BadInput(f"partner “{partner.slug}” has no active entry point “{options['entry_point']}”")
                if not business.serves(entry_point.vertical):
                    raise BadInput(f"business “{business.external_business_id}” is not in {entry_point.vertical}")
            link, address = make_launch_link(business, entry_point)
            record(Action.LINK_MADE, link, by=By.command("launch_link"))
            note = "" if entry_point else _note(link)
        self.stdout.write(address)
        if note:
            self.stderr.write(note)


def _note(link: LaunchLink) -> str:
    """What whoever makes a link for every entry point should know of it."""
    if found := way_back(link.business):
        counts = f"only a link made with --entry-point {found.slug} counts as its way back"
        return f"note: the business must reconnect on app “{found.meta_app.app_id}”, and {counts}"
    return "" if entry_points_of(link) else "note: it opens no button now; no active entry point is for the business"
