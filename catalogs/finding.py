"""Which catalogs there are: every distinct one among the living features of an installation."""

from django.db.models import F
from django.db.models.functions import Now

from catalogs.models import Catalog
from features.models import Feature, Installation
from mbe.wire import identifier
from partners.tenancy import platform, tenant

CATALOG = "catalog_id"
MOST_AT_ONCE = 200

State = Catalog.State


def look_at_changed() -> int:
    """Look at the installations of which a feature's catalog came, changed or went; how many were looked at."""
    looked = 0
    while marked := _marked():
        for partner_id, installation_id in marked:
            with tenant(partner_id):
                look_at(installation_id)
        looked += len(marked)
    return looked


def look_at(installation_id: int) -> None:
    """Bring the installation's catalogs to what its features name, and take its mark away; call it inside `tenant`.

    A new catalog and one that comes back get the whole set of products; one that is gone ends.
    """
    # Whoever applies a result locks the installation, too: no mark is set while this one is worked through.
    installation = Installation.objects.select_for_update().get(pk=installation_id)
    named = catalogs_of(installation)
    known = dict(Catalog.objects.filter(installation=installation).values_list("catalog_id", "state"))
    Catalog.objects.bulk_create(
        Catalog(partner_id=installation.partner_id, installation=installation, catalog_id=each)
        for each in sorted(named - known.keys())
    )
    rows = Catalog.objects.filter(installation=installation)
    rows.filter(catalog_id__in=named, state=State.ENDED).update(
        state=State.WAITING, due_at=Now(), requested=F("requested") + 1, found_at=Now(), ended_at=None, **_NOTHING_KNOWN
    )
    # Should it come back, nobody would know what others have done to it. Whoever pushes to it loses the claim.
    rows.exclude(catalog_id__in=named).exclude(state=State.ENDED).update(
        state=State.ENDED,
        due_at=Now(),
        ended_at=Now(),
        is_to_forget=True,
        attempt=F("attempt") + 1,
        claimed_until=None,
    )
    Installation.objects.filter(pk=installation.pk).update(catalogs_changed_at=None)


def catalogs_of(installation: Installation) -> set[str]:
    """The distinct catalog ids among the living features, of whatever type; "0" is none."""
    living = Feature.objects.filter(installation=installation, removed_at=None, is_implied=False)
    return {_catalog_id(each) for each in living.values_list("connected_assets", flat=True)} - {""}


def features_with(catalog: Catalog) -> list[int]:
    """The ids of the living features that use a catalog."""
    here = Feature.objects.filter(installation=catalog.installation_id, removed_at=None, is_implied=False)
    assets = here.order_by("pk").values_list("pk", "connected_assets")
    return [pk for pk, each in assets if _catalog_id(each) == catalog.catalog_id]


_NOTHING_KNOWN = {
    "reason": "",
    "detail": "",
    "failures": 0,
    "items_confirmed": 0,
    "items_refused": 0,
    "items_to_push": 0,
    "errors_unnamed": 0,
    "confirmed_at": None,
}


def _marked() -> list[tuple[int, int]]:
    with platform():
        marked = Installation.objects.exclude(catalogs_changed_at=None).order_by("catalogs_changed_at")
        return list(marked.values_list("partner_id", "pk")[:MOST_AT_ONCE])


def _catalog_id(assets: object) -> str:
    return identifier(assets.get(CATALOG)) if isinstance(assets, dict) else ""
