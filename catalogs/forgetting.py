"""Forgetting what was known of a catalog that has ended: when it comes back, it gets the whole set."""

from catalogs.claims import Claim, held, locked
from catalogs.models import Catalog, CatalogItem, ItemBatch
from partners.tenancy import tenant

FORGOTTEN_AT_ONCE = 5_000


def forget(claim: Claim) -> None:
    """Delete the catalog's items and batches, in portions, and give the claim back; raises `ClaimLost`."""
    while _forget_some(claim):
        claim.keep()
    with tenant(claim.partner_id):
        locked(claim)
        ItemBatch.objects.filter(catalog=claim.catalog).delete()
        held(claim).filter(state=Catalog.State.ENDED).update(due_at=None)
        held(claim).update(is_to_forget=False, claimed_until=None)


def _forget_some(claim: Claim) -> bool:
    with tenant(claim.partner_id):
        locked(claim)
        of_catalog = CatalogItem.objects.filter(catalog=claim.catalog).order_by("item_id")
        ids = list(of_catalog.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        CatalogItem.objects.filter(pk__in=ids).delete()
    return bool(ids)
