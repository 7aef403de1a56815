"""Sync businesses now, in this process."""

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from features.hints import installation_of, mark_dirty
from features.models import Cause, Installation
from features.sync import sync_one
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.commands import PortalCommand, app_of, business_of, partner_of
from partners.models import Partner
from partners.tenancy import tenant

BAR = 30


class Command(PortalCommand):
    """`sync PARTNER [EXTERNAL_ID …] [--app ID]`"""

    help = "Fetch from Meta what is installed, for the named businesses or for every one that ever started."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("external_ids", nargs="*", metavar="EXTERNAL_ID")
        parser.add_argument("--app", help="Meta app id; absent: the partner's oldest app")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sync one after the other, then say how many came through and why the others did not."""
        partner = partner_of(options["partner"])
        installations = self._chosen(partner, options["app"], options["external_ids"])
        by = By.command("sync")
        failed = []
        for done, installation in enumerate(installations):
            self._show_progress(done, len(installations))
            with tenant(partner.pk):
                mark_dirty(Installation.objects.filter(pk=installation.pk), Cause.STAFF)
                record(Action.SYNC_ASKED, installation, by=by)
            if not sync_one(partner.pk, installation.pk):
                failed.append(installation)
        self._show_progress(len(installations), len(installations))
        for installation in failed:
            self._explain(installation)
        self.stdout.write(f"{len(installations) - len(failed)} of {len(installations)} synced")

    def _chosen(self, partner: Partner, app_id: str | None, external_ids: list[str]) -> list[Installation]:
        with tenant(partner.pk):
            app = app_of(partner, app_id)
            if external_ids:
                return [installation_of(app, business_of(partner, each)) for each in dict.fromkeys(external_ids)]
            return list(Installation.objects.filter(meta_app=app).order_by("pk"))

    def _explain(self, installation: Installation) -> None:
        with tenant(installation.partner_id):
            now = Installation.objects.select_related("business", "meta_app").get(pk=installation.pk)
        paused_until = now.meta_app.paused_until
        if now.claimed_until:
            why = "a worker is syncing it"
        elif paused_until and paused_until > timezone.now():
            why = f"Meta makes the whole app wait until {paused_until:%Y-%m-%d %H:%M:%S} UTC"
        elif now.wait:
            why = f"waits until {now.not_before:%Y-%m-%d %H:%M:%S} UTC ({now.get_wait_display()}) {now.last_error}"
        else:
            why = now.explanation or now.last_error or "a worker synced it"
        self.stderr.write(f"{now.business.external_business_id}: {why}")

    def _show_progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty() and total:
            filled = BAR * done // total
            end = "\n" if done == total else ""
            self.stderr.write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {done}/{total}", ending=end)
