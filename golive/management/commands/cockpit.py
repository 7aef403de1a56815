"""Print how far a partner's businesses are on their way from v2 to v3."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.timezone import localdate

from features.models import Installation
from golive.cockpit.counting import Group, end_seen_from, numbers
from partners.commands import PortalCommand, app_of, within


class Command(PortalCommand):
    """`cockpit PARTNER [--app ID]`"""

    help = (
        "Print how many businesses of each Meta app are v2, v3, mixed, to reconnect, never synced, without a finished "
        "dialog or disconnected."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("--app", help="Meta app id; absent: every app of the partner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the end of the Graph version, then a line for each app."""
        with within(options["partner"]) as partner:
            apps = [app_of(partner, options["app"])] if options["app"] else list(partner.meta_apps.order_by("pk"))
            counted = numbers(Installation.objects.filter(partner=partner, meta_app__in=apps))
        end = end_seen_from(settings.META_GRAPH_VERSION, localdate())
        self.stdout.write(f"Graph {end.version}: ends {end.ends_on or 'unknown'}")
        for app in apps:
            counts = counted.get(app.pk, {})
            said = ", ".join(f"{counts.get(group, 0)} {group.value}" for group in Group)
            self.stdout.write(f"{app.app_id}: {said}")
