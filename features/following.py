"""What follows from an applied result, in the transaction that writes it: drift, activations, catalogs, uninstalls."""

from collections.abc import Iterable, Sequence

from django.db.models.functions import Now

from features.activation.following import follow as follow_with_activations
from features.applied import Applied
from features.configuration.following import follow as follow_with_configuration
from features.models import Change, Installation
from features.uninstalling.following import follow as follow_with_uninstalls

CATALOG = "catalog_id"


def follow(results: Sequence[Applied]) -> None:
    """Let uninstalls, configuration, activations and catalogs know what has changed, and how."""
    follow_with_uninstalls(results)
    follow_with_configuration(results)
    follow_with_activations(results)
    touched = {each.installation.pk for each in results if any(map(_touches_a_catalog, each.changes))}
    if touched:
        Installation.objects.filter(pk__in=touched).update(catalogs_changed_at=Now())


def _touches_a_catalog(change: Change) -> bool:
    return any(CATALOG in assets for assets in _assets(change))


def _assets(change: Change) -> Iterable[dict[str, object]]:
    return (side.get("connected_assets") or {} for side in (change.before, change.after))
