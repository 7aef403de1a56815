"""Asking for a look at activations: by people, and by whatever has changed something for a feature."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from features.activation.models import Activation
from features.activation.wake import workers
from features.models import Cause, Feature
from partners.tenancy import platform

PORTION = 500


def ask(features: Iterable[Feature | int], cause: Cause) -> int:
    """Have these features (rows or ids) looked at as soon as a worker is free; how many. Call it inside `tenant`.

    A feature that has no activation yet gets one; one that has ended stays as it is. Ends the wait after an error,
    never a rate limit's.
    """
    ids = {each.pk if isinstance(each, Feature) else each for each in features}
    known = Activation.objects.filter(feature__in=ids).exclude(state=Activation.State.ENDED)
    # Locked in one order, so that nobody waits for each other.
    asked = list(known.order_by("pk").select_for_update().values_list("pk", flat=True))
    make_due(asked, cause)
    begun = _begin(Feature.objects.filter(pk__in=ids), cause)
    if begun or asked:
        transaction.on_commit(workers.wake)
    return begun + len(asked)


def begin_missing() -> int:
    """Give an activation to installed features that came before there were any, of any partner; how many."""
    begun = 0
    while portion := _begin_portion():
        begun += portion
    return begun


def make_due(ids: Iterable[int], cause: Cause) -> None:
    """Have these activations, which the caller has locked, looked at once more from now on."""
    Activation.objects.filter(pk__in=list(ids)).update(
        requested=F("requested") + 1, due_at=Now(), cause=cause, failures=0
    )


def activation_of(feature: Feature, cause: Cause) -> Activation:
    """A new activation of a feature, due now, not saved yet."""
    return Activation(
        partner_id=feature.partner_id,
        installation_id=feature.installation_id,
        feature=feature,
        assets=feature.connected_assets,
        due_at=timezone.now(),
        cause=cause,
    )


def _begin_portion() -> int:
    with platform():
        return _begin(Feature.objects.all(), Cause.RECONCILE)


def _begin(features: QuerySet[Feature], cause: Cause) -> int:
    missing = features.filter(activation=None, removed_at=None, is_implied=False).order_by("pk")[:PORTION]
    return len(Activation.objects.bulk_create([activation_of(each, cause) for each in missing], ignore_conflicts=True))
