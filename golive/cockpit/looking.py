"""Who has looked at the differences: one comparison, those chosen, or all that are alike."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.timezone import now

from features.implied.models import Parity
from golive.cockpit.parities import to_look_at
from partners.audit.models import Action
from partners.audit.recording import By, record, record_all
from partners.models import MetaApp
from partners.tenancy import tenant

AT_ONCE = 500
_LONGEST_BY = Parity._meta.get_field("looked_by").max_length


def look(app: MetaApp, number: int, digest: str, is_looked_at: bool, by: By) -> bool:
    """Mark a comparison as looked at, or take the mark back; False where there is none or it stands so already.

    False, too, where it is no longer the one with that digest: what came since has not been looked at.
    """
    with tenant(app.partner_id):
        rows = Parity.objects.select_for_update(of=("self",)).select_related("installation__business")
        row = rows.filter(pk=number, installation__meta_app=app, looked_at__isnull=is_looked_at).first()
        if row is None or (is_looked_at and row.digest != digest):
            return False
        before, row.looked_at = row.looked_at, now() if is_looked_at else None
        row.looked_by = by.name[:_LONGEST_BY] if is_looked_at else ""
        row.save(update_fields=["looked_at", "looked_by"])
        record(Action.CHANGED, row, by=by, changes={"looked_at": [before, row.looked_at]})
    return True


def look_at_chosen(app: MetaApp, digests: Mapping[int, str], by: By) -> int:
    """Mark those comparisons, by their keys, that nobody has looked at and that have these digests; how many."""
    return _look_at(app, list(digests), lambda row: row.digest == digests[row.pk], by)


def look_at_alike(app: MetaApp, kind: str, by: By) -> int:
    """Mark all comparisons of the kind that nobody has looked at; how many."""
    return _look_at(app, alike(app, kind), lambda row: kind_of(row.gained, row.lost) == kind, by)


def alike(app: MetaApp, kind: str) -> list[int]:
    """The keys of the comparisons of the kind that nobody has looked at."""
    rows = to_look_at(app).values_list("pk", "gained", "lost")
    return [pk for pk, gained, lost in rows if kind_of(gained, lost) == kind]


def kind_of(gained: Sequence[Mapping[str, Any]], lost: Sequence[Mapping[str, Any]]) -> str:
    """What a comparison has in common with those that are alike: types and reasons, whatever the assets."""
    sides = [sorted([each["feature_type"], each["reason"]] for each in side) for side in (gained, lost)]
    return hashlib.sha256(json.dumps(sides).encode()).hexdigest()[:16]


def _look_at(app: MetaApp, keys: Sequence[int], is_meant: Callable[[Parity], bool], by: By) -> int:
    parts = (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
    return sum(_look_at_part(app, part, is_meant, by) for part in parts)


def _look_at_part(app: MetaApp, keys: Sequence[int], is_meant: Callable[[Parity], bool], by: By) -> int:
    with tenant(app.partner_id):
        locked = Parity.objects.filter(pk__in=keys, installation__meta_app=app, looked_at=None).order_by("pk")
        named = locked.select_related("installation__business", "installation__meta_app")
        rows = [each for each in named.select_for_update(of=("self",)) if is_meant(each)]
        at = now()
        Parity.objects.filter(pk__in=[each.pk for each in rows]).update(looked_at=at, looked_by=by.name[:_LONGEST_BY])
        record_all(Action.CHANGED, rows, by=by, changes={"looked_at": [None, at]})
    return len(rows)
