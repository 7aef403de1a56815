"""What a look needs of the database, read at once and before any call."""

from collections.abc import Iterable

from features.activation.calls import Calls
from features.activation.claims import Claim
from features.activation.handling import Look
from features.activation.models import Activation
from features.configuration.models import Push
from features.models import Feature
from partners.tenancy import tenant


def looks(claim: Claim, calls: Calls) -> list[tuple[Activation, Look]]:
    """The claimed activations, each with what its handler gets; five queries, however many they are."""
    ids = [row.feature_id for row in claim.activations]
    with tenant(claim.installation.partner_id):
        features = Feature.objects.select_related("wanted").in_bulk(ids)
        living = Feature.objects.filter(installation=claim.installation, removed_at=None)
        siblings = tuple(living.select_related("wanted").order_by("pk"))
        pushes = _last_pushes(ids)
    for each in (*features.values(), *siblings):
        each.installation = claim.installation
    return [
        (
            row,
            Look(
                feature=features[row.feature_id],
                installation=claim.installation,
                siblings=siblings,
                wanted=getattr(features[row.feature_id], "wanted", None),
                last_push=pushes.get(row.feature_id),
                confirmed=row.confirmed_at is not None,
                calls=calls,
            ),
        )
        for row in claim.activations
    ]


def _last_pushes(features: Iterable[int]) -> dict[int, Push]:
    newest = Push.objects.filter(feature__in=list(features)).order_by("feature", "-pk").distinct("feature")
    return {each.feature_id: each for each in newest}
