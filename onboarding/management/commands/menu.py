"""Print a vertical's feature menu as the specification has it."""

import json
from typing import Any

from django.core.management.base import CommandParser

from mbe.catalog import VERTICALS, Intent
from partners.commands import BadInput, PortalCommand


class Command(PortalCommand):
    """`menu VERTICAL [INTENT]`: JSON on stdout."""

    help = "Print the intents of a vertical with their features, as JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("vertical", choices=list(VERTICALS), metavar="VERTICAL")
        parser.add_argument("intent", nargs="?", metavar="INTENT")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the menu, or one intent of it."""
        vertical = VERTICALS[options["vertical"]]
        intents = [each for each in vertical.intents if options["intent"] in (None, each.name)]
        if options["intent"] is not None and not intents:
            raise BadInput(f"vertical {vertical.name} has no intent “{options['intent']}”")
        menu = {
            "vertical": vertical.name,
            "verified": vertical.is_verified,
            "intents": [_intent(each) for each in intents],
        }
        if vertical.unverified_features:
            menu["features"] = [_feature(name, required=False) for name in vertical.unverified_features]
        self.stdout.write(json.dumps(menu, ensure_ascii=False, indent=2))


def _intent(intent: Intent) -> dict[str, Any]:
    features = [_feature(name, required=True) for name in intent.required]
    return {
        "intent": intent.name,
        "use_case": intent.use_case.en,
        "description": intent.description.en,
        "features": features + [_feature(name, required=False) for name in intent.optional],
    }


def _feature(name: str, *, required: bool) -> dict[str, Any]:
    return {"feature_type": name, "required": required, "optional": not required}
