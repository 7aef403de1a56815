"""Asking that catalogs be brought in step with the products of their business."""

from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Now

from catalogs.models import Catalog
from catalogs.wake import pushers

State = Catalog.State


def ask(business_id: int) -> None:
    """Have every living catalog of a business compared with its products; call it inside `tenant`."""
    ask_for(Catalog.objects.filter(installation__business=business_id))


def ask_for(catalogs: QuerySet[Catalog]) -> int:
    """Have these catalogs compared with the products as soon as a worker is free; returns how many are living.

    Call it inside `tenant`. It ends a back-off and a stop, but never a rate limit's wait.
    """
    living = catalogs.exclude(state=State.ENDED).order_by("pk").select_for_update(of=("self",))
    ids = list(living.values_list("pk", flat=True))
    Catalog.objects.filter(pk__in=ids).update(
        requested=F("requested") + 1,
        due_at=Now(),
        failures=0,
        reason="",
        detail="",
        state=Case(When(state=State.PUSHING, then=F("state")), default=Value(State.WAITING)),
    )
    transaction.on_commit(pushers.wake)
    return len(ids)
