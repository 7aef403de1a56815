"""Batches of items in the database: written down before they are sent, finished with what Meta says of each item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Greatest, Now

from catalogs.claims import Claim, held, locked
from catalogs.differing import Difference, Place, next_portion, refused_since, to_put, to_remove, without_product
from catalogs.models import Catalog, CatalogItem, ItemBatch
from mbe.assets import BatchStatus, ItemProblem, ItemsBatch
from partners.tenancy import tenant

WRITTEN_AT_ONCE = 1_000
UNSURE, DELETION = CatalogItem.UNSURE, CatalogItem.DELETION

# Of an item in a batch: whether Meta has not taken it.
_IS_REFUSED = Q(Q(refused=F("pending")) & ~Q(pending=""), Q(refused=DELETION, pending=""), _connector=Q.OR)


@dataclass
class Batch:
    """A batch that is written down, and what is to be sent."""

    row: ItemBatch
    requests: list[dict[str, Any]] = field(repr=False)


def write_next(claim: Claim, place: Place) -> Batch | None:
    """Write the next batch down; None when nothing behind `place` differs. Raises `ClaimLost`."""
    with tenant(claim.partner_id):
        catalog = locked(claim)
        differences = next_portion(catalog, claim.catalog.installation.business_id, place)
        if not differences:
            return None
        last = ItemBatch.objects.filter(catalog=catalog).aggregate(last=Max("number"))["last"] or 0
        row = ItemBatch.objects.create(
            partner_id=catalog.partner_id, catalog=catalog, number=last + 1, items=len(differences)
        )
        _hold(row, differences)
        held(claim).update(state=Catalog.State.PUSHING)
    return Batch(row, [each.request for each in differences])


def note_sent(claim: Claim, batch: ItemBatch, answer: ItemsBatch) -> None:
    """Keep the handles by which Meta tells how it goes, and what it refused at once."""
    with tenant(claim.partner_id):
        locked(claim)
        _refuse(batch, answer.refused)
        ItemBatch.objects.filter(pk=batch.pk).update(handles=list(answer.handles), sent_at=Now())


def take_back(claim: Claim, batch: ItemBatch) -> None:
    """Forget a batch that Meta has not taken: its items differ as before."""
    _dissolve(claim, batch)


def doubt(claim: Claim, batch: ItemBatch) -> None:
    """Forget a batch of which nobody knows what Meta has taken: its items are sent again, or deleted once more."""
    _dissolve(claim, batch, confirmed=UNSURE)


def finish(claim: Claim, batch: ItemBatch, statuses: Sequence[BatchStatus]) -> None:
    """Record what Meta has taken, and in its words what it has not."""
    with tenant(claim.partner_id):
        locked(claim)
        named = _refuse(batch, _problems(statuses))
        unnamed = max(0, sum(each.errors_total_count for each in statuses) - named)
        items = _items(batch)
        # That an item cannot be deleted is no news where nobody knows whether it was there.
        items.filter(Q(pending="") & (~Q(refused=DELETION) | Q(confirmed=UNSURE))).delete()
        items.exclude(_IS_REFUSED).update(confirmed=F("pending"), pending="", batch=None)
        items.update(pending="", batch=None)
        ItemBatch.objects.filter(pk=batch.pk).delete()
        held(claim).update(
            **_counts(batch.catalog_id),
            items_to_push=Greatest(0, F("items_to_push") - batch.items),
            errors_unnamed=F("errors_unnamed") + unnamed,
            failures=0,
            reason="",
            detail="",
        )


def unfinished(claim: Claim) -> list[ItemBatch]:
    """The batches of the claimed catalog, oldest first."""
    with tenant(claim.partner_id):
        return list(ItemBatch.objects.filter(catalog=claim.catalog).order_by("number"))


def count_again(claim: Claim) -> None:
    """Count what is still to be pushed, confirmed and refused; forget what was refused of products that are gone."""
    business_id = claim.catalog.installation.business_id
    with tenant(claim.partner_id):
        catalog = locked(claim)
        never_taken = CatalogItem.objects.filter(catalog=catalog, batch=None, confirmed="")
        without_product(never_taken, business_id).delete()
        refused_since(catalog, business_id).update(refused="", problem="")
        to_push = to_put(catalog, business_id).count() + to_remove(catalog, business_id).count()
        on_their_way = CatalogItem.objects.filter(catalog=catalog).exclude(batch=None).count()
        held(claim).update(items_to_push=to_push + on_their_way, **_counts(catalog.pk))


def _counts(catalog_id: int) -> dict[str, int]:
    return CatalogItem.objects.filter(catalog=catalog_id).aggregate(
        items_confirmed=Count("pk", filter=~Q(confirmed__in=("", UNSURE))),
        items_refused=Count("pk", filter=~Q(refused="")),
    )


def _hold(batch: ItemBatch, differences: Iterable[Difference]) -> None:
    """Note what is on its way; that it was refused before is over."""
    CatalogItem.objects.bulk_create(
        (
            CatalogItem(
                partner_id=batch.partner_id,
                catalog_id=batch.catalog_id,
                item_id=each.item_id,
                pending=each.digest,
                batch=batch,
            )
            for each in differences
        ),
        batch_size=WRITTEN_AT_ONCE,
        update_conflicts=True,
        unique_fields=("catalog", "item_id"),
        update_fields=("pending", "batch", "refused", "problem"),
    )


def _dissolve(claim: Claim, batch: ItemBatch, **columns: str) -> None:
    with tenant(claim.partner_id):
        locked(claim)
        _items(batch).update(pending="", batch=None, refused="", problem="", **columns)
        ItemBatch.objects.filter(pk=batch.pk).delete()


def _items(batch: ItemBatch) -> QuerySet[CatalogItem]:
    return CatalogItem.objects.filter(batch=batch)


def _problems(statuses: Sequence[BatchStatus]) -> list[ItemProblem]:
    """What Meta says of single items; of some it gives the number only."""
    problems = [each for status in statuses for each in status.errors]
    named = {each.item_id for each in problems}
    unexplained = [item_id for status in statuses for item_id in status.invalid_ids if item_id not in named]
    return [*problems, *(ItemProblem(item_id, None, "") for item_id in unexplained)]


def _refuse(batch: ItemBatch, problems: Sequence[ItemProblem]) -> int:
    """Mark the items of the batch that Meta has not taken; returns how many of them these problems name."""
    if not problems:
        return 0
    # As they were sent: Meta counts lines where it names no item.
    ids = list(_items(batch).order_by("item_id").values_list("item_id", flat=True))
    words = _by_item(problems, ids)
    for first in range(0, len(ids), WRITTEN_AT_ONCE):
        _mark(batch, ids[first : first + WRITTEN_AT_ONCE], words)
    return len(words)


def _by_item(problems: Iterable[ItemProblem], ids: Sequence[str]) -> dict[str, str]:
    known, words = set(ids), dict[str, str]()
    for problem in problems:
        if problem.item_id in known:
            words[problem.item_id] = problem.message or words.get(problem.item_id, "")
        elif not problem.item_id and problem.line is not None and problem.line < len(ids):
            words[ids[problem.line]] = problem.message
    return words


def _mark(batch: ItemBatch, ids: Sequence[str], words: Mapping[str, str]) -> None:
    rows = list(_items(batch).filter(item_id__in=[each for each in ids if each in words]))
    for row in rows:
        row.refused, row.problem = row.pending or DELETION, words[row.item_id]
    CatalogItem.objects.bulk_update(rows, ["refused", "problem"])
