"""Say why a business is not live."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.urls import reverse

from golive.diagnosis.findings import Finding, Remedy
from golive.diagnosis.loading import apps_of, load
from golive.diagnosis.walking import STEPS, Walk, deciding, walk
from partners.commands import PortalCommand, app_of, business_of, within
from partners.models import Business


class Command(PortalCommand):
    """`diagnose PARTNER EXTERNAL_ID [--app ID] [--json]`: exit code 0 for live on every app told of, else 1.

    A test app told of beside a live one does not count.
    """

    help = "Walk from the launch link to activation, and name the first step that keeps a business from being live."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("external_id")
        parser.add_argument("--app", help="Meta app id; absent: every app that the business is or could be on")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the walk on each app, print it, and end with the code."""
        with within(options["partner"]) as partner:
            business = business_of(partner, options["external_id"])
            apps = [app_of(partner, options["app"])] if options["app"] else apps_of(business)
            walks = [walk(load(each, business)) for each in apps]
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(business, walks), ensure_ascii=False, indent=2))
        else:
            self._print(business, walks)
        if not _is_live(walks):
            raise SystemExit(1)

    def _print(self, business: Business, walks: list[Walk]) -> None:
        for each in walks:
            self.stdout.write(f"{each.case.app}{_mark(each, walks)}: {each.verdict}")
            for name, finding in each.findings.items():
                self._print_step(name, finding)
        if not walks:
            self.stdout.write(f"partner “{business.partner.slug}” has no Meta app")
        self.stdout.write(f"to press: {_page_of(business)}")

    def _print_step(self, name: str, finding: Finding) -> None:
        self.stdout.write(f"  {STEPS[name][0]} [{finding.status.label}] {finding.text}")
        for seen in finding.seen:
            self.stdout.write(f"      {seen}")
        if finding.remedies:
            self.stdout.write("      -> " + ", ".join(str(each.button.label) for each in finding.remedies))


def _is_live(walks: list[Walk]) -> bool:
    return bool(walks) and all(each.is_live for each in deciding(walks))


def _mark(taken: Walk, walks: list[Walk]) -> str:
    if not taken.case.app.is_test:
        return ""
    return " [test app]" if taken in deciding(walks) else " [test app, does not count]"


def _page_of(business: Business) -> str:
    return settings.PUBLIC_URL + reverse("golive-diagnosis", args=[business.pk])


def _as_json(business: Business, walks: list[Walk]) -> dict[str, Any]:
    return {
        "external_business_id": business.external_business_id,
        "live": _is_live(walks),
        "page": _page_of(business),
        "apps": [
            {
                "app_id": each.case.app.app_id,
                "test": each.case.app.is_test,
                "counts": each in deciding(walks),
                "live": each.is_live,
                "stops_at": each.stops_at or None,
                "verdict": each.verdict,
                "steps": [{"step": name, **_finding(found)} for name, found in each.findings.items()],
            }
            for each in walks
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    remedies = [_remedy(each) for each in finding.remedies]
    return {"status": finding.status.value, "text": finding.text, "seen": list(finding.seen), "remedies": remedies}


def _remedy(remedy: Remedy) -> dict[str, Any]:
    button = remedy.button
    url = button.url if button.is_external else settings.PUBLIC_URL + button.url
    return {"label": str(button.label), "url": url, "press": button.is_post, "role": remedy.role.value}
