"""The line of a business's history for an uninstall that a new connection has called off."""

from typing import Any

from features.models import Cause, Change, Feature, Installation
from features.uninstalling.models import Uninstall


def note_called_off(row: Uninstall, installation: Installation) -> None:
    """Name the uninstall, how far it was, and what had gone by then; `row` is as it was before its end."""
    Change.objects.create(
        partner_id=row.partner_id,
        installation=installation,
        feature_id=row.feature_id,
        kind=Change.Kind.CALLED_OFF,
        cause=Cause.RETURN,
        generation=installation.applied_generation,
        before={"uninstall": row.state, "asked_by": row.asked_by, "asked_at": row.asked_at.isoformat()},
        after={"uninstall": Uninstall.State.CALLED_OFF, "reason": Uninstall.Reason.CONNECTED_ANEW, **_gone(row)},
    )


def _gone(row: Uninstall) -> dict[str, Any]:
    """What Meta no longer lists since it was asked, whether for that or for what the merchant chose."""
    if row.sent_at is None:
        return {}
    gone = Feature.objects.filter(installation_id=row.installation_id, removed_at__gte=row.sent_at)
    names = gone.order_by("feature_type").values_list("feature_type", flat=True).distinct()
    return {"removed_since": list(names)} if names else {}
