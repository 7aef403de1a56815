"""Print what we know of a business's installation."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from features.activation.models import Activation
from features.activation.showing import activation_of
from features.management_view import management_url
from features.models import Change, Feature, Installation
from partners.commands import PortalCommand, app_of, business_of, within


class Command(PortalCommand):
    """`show_business PARTNER EXTERNAL_ID [--app ID]`: JSON on stdout."""

    help = "Print a business's connection, features and changes, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("partner")
        parser.add_argument("external_id")
        parser.add_argument("--app", help="Meta app id; absent: the partner's oldest app")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the record; a business that never connected is pending."""
        with within(options["partner"]) as partner:
            app = app_of(partner, options["app"])
            business = business_of(partner, options["external_id"])
            installation = (
                Installation.objects.filter(meta_app=app, business=business)
                .select_related("meta_app", "business")
                .first()
            ) or Installation(partner=partner, meta_app=app, business=business)
            record = self._record(installation)
        self.stdout.write(json.dumps(record, ensure_ascii=False, indent=2))

    def _record(self, installation: Installation) -> dict[str, Any]:
        features = Feature.objects.filter(installation_id=installation.pk).select_related("activation").order_by("pk")
        changes = Change.objects.filter(installation_id=installation.pk).select_related("feature").order_by("pk")
        return {
            "external_business_id": installation.business.external_business_id,
            "connection": {
                "state": installation.state,
                "reason": installation.explanation,
                "token_type": installation.token_type,
                "business_manager_id": installation.business_manager_id,
                "synced_at": _time(installation.synced_at),
                "assets": installation.assets,
                "additional_info": installation.additional_info,
            },
            "features": [_feature(each) for each in features],
            "changes": [_change(each) for each in changes],
            "management_url": (management_url(installation) if installation.pk else "") or None,
        }


def _feature(feature: Feature) -> dict[str, Any]:
    return {
        "feature_instance_id": feature.feature_instance_id,
        "feature_type": feature.feature_type,
        "feature_type_raw": feature.feature_type_raw,
        "installed": feature.removed_at is None,
        "enabled": feature.is_enabled,
        "connected_assets": feature.connected_assets,
        "additional_info": feature.additional_info,
        "config": feature.configuration,
        "activation": _activation(activation_of(feature)),
        "installed_at": _time(feature.installed_at),
        "removed_at": _time(feature.removed_at),
    }


def _activation(activation: Activation | None) -> dict[str, Any] | None:
    if activation is None:
        return None
    return {
        "state": activation.state,
        "actor": activation.actor or None,
        "steps": [{"step": each["step"], "state": each["state"]} for each in activation.steps],
        "state_at": _time(activation.state_at),
        "checked_at": _time(activation.checked_at),
        "due_at": _time(activation.due_at),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "at": _time(change.occurred_at),
        "kind": change.kind,
        "feature_instance_id": change.feature.feature_instance_id if change.feature else None,
        "cause": change.cause,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
