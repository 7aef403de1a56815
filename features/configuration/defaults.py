"""An entry point's defaults as what is wanted, pushed by the portal itself where Meta has nothing of them."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from features.configuration.models import Push, Wanted
from features.configuration.observed import is_unset, known_settings, observed
from features.configuration.standing import set_status
from features.configuration.wake import workers
from features.models import Feature
from mbe.customizing import differences

Status = Wanted.Status


def want_defaults(features: Iterable[Feature]) -> None:
    """Want the defaults that the installations hold of these features, of which nothing is wanted yet.

    What Meta has otherwise was chosen by the merchant in the dialog: it is shown, not overwritten.
    """
    wanted = []
    for feature in features:
        defaults = feature.installation.wanted_defaults.get(feature.feature_type) or {}
        if values := known_settings(feature.feature_type, defaults):
            origin = Wanted.Origin.ENTRY_POINT
            row = Wanted(partner_id=feature.partner_id, feature=feature, values=values, origin=origin)
            set_status(row, when_installed(row))
            wanted.append(row)
    push_by_itself(wanted)
    Wanted.objects.bulk_create(wanted)


def when_installed(wanted: Wanted) -> Wanted.Status:
    """The word for what a feature that has just come does not have: nothing is there yet, or something else is."""
    found = differences(wanted.values, observed(wanted.feature))
    return Status.UNPUSHED if all(is_unset(before) for before, _after in found.values()) else Status.DRIFT


def push_by_itself(wanted: Iterable[Wanted]) -> None:
    """Push what is not pushed yet of these without anybody asking; their status says so, still to be saved."""
    rows = [each for each in wanted if each.status == Status.UNPUSHED]
    Push.objects.bulk_create(map(_push, rows))
    for each in rows:
        each.status, each.status_at = Status.PUSHING, timezone.now()
    if rows:
        transaction.on_commit(workers.wake)


def _push(wanted: Wanted) -> Push:
    feature, now = wanted.feature, observed(wanted.feature)
    return Push(
        partner_id=feature.partner_id,
        installation_id=feature.installation_id,
        feature=feature,
        state=Push.State.WAITING,
        wanted=wanted.values,
        based_on={name: now.get(name) for name in wanted.values},
        asked_at=timezone.now(),
        status_before=wanted.status,
    )
