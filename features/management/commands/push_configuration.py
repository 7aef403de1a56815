"""Push the wanted configuration of businesses now, in this process."""

import json
from collections import Counter
from typing import Any

from django.core.management.base import CommandParser

from features.configuration.models import Push
from features.configuration.planning import differences, plan_and_ask, preview
from features.configuration.pushing import push_one
from features.models import Feature, Installation
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.commands import PortalCommand, app_of, business_of, partner_of
from partners.models import Partner
from partners.tenancy import tenant


class Command(PortalCommand):
    """`push_configuration PARTNER [EXTERNAL_ID …] [--app ID] [--dry-run]`"""

    help = "Bring Meta to the wanted configuration of the named businesses' features, or of every business's."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("external_ids", nargs="*", metavar="EXTERNAL_ID")
        parser.add_argument("--app", help="Meta app id; absent: the partner's oldest app")
        parser.add_argument("--dry-run", action="store_true", help="show what would be pushed, and push nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show what differs of each business and push it, then say how it ended."""
        partner = partner_of(options["partner"])
        ends: Counter[str] = Counter()
        for installation in self._chosen(partner, options["app"], options["external_ids"]):
            if options["dry_run"]:
                with tenant(partner.pk):
                    pushes = preview(_features(installation))
                self._show(installation, pushes)
                ends["planned"] += len(pushes)
            else:
                ends.update(self._push(installation))
        self.stdout.write(", ".join(f"{count} {state}" for state, count in sorted(ends.items())) or "nothing differs")

    def _chosen(self, partner: Partner, app_id: str | None, external_ids: list[str]) -> list[Installation]:
        with tenant(partner.pk):
            app = app_of(partner, app_id)
            rows = Installation.objects.filter(meta_app=app).select_related("business").order_by("pk")
            if external_ids:
                rows = rows.filter(business__in=[business_of(partner, each) for each in external_ids])
            return list(rows)

    def _push(self, installation: Installation) -> list[str]:
        """Plan, ask and push; the state of each push at the end."""
        by = By.command("push_configuration")
        with tenant(installation.partner_id):
            pushes = plan_and_ask(_features(installation), by=by.name)
            for push in pushes:
                changes = {line.name: [line.before, line.after] for line in differences(push)}
                record(Action.PUSHED, push, by=by, changes=changes)
        self._show(installation, pushes)
        if pushes:
            push_one(installation.partner_id, installation.pk)
        with tenant(installation.partner_id):
            now = list(Push.objects.filter(pk__in=[each.pk for each in pushes]).select_related("feature"))
        for push in now:
            if push.state != Push.State.CONFIRMED:
                self.stderr.write(f"{installation.business.external_business_id} {push.feature}: {_why(push)}")
        return [push.state for push in now]

    def _show(self, installation: Installation, pushes: list[Push]) -> None:
        for push in pushes:
            self.stdout.write(f"{installation.business.external_business_id} {push.feature}")
            for line in differences(push):
                before, after = (json.dumps(each, ensure_ascii=False) for each in (line.before, line.after))
                self.stdout.write(f"  {line.name}: {before} -> {after}")


def _features(installation: Installation) -> list[Feature]:
    return list(Feature.objects.filter(installation=installation).select_related("wanted").order_by("pk"))


def _why(push: Push) -> str:
    return f"{push.get_state_display()} {push.explanation}".strip()
