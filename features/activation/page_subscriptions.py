"""What an app is told about a Page: the union of what its features there need, however many workers see to it at once.

There is one subscription for an app and a Page, and each write replaces it. No lock is held during a call to Meta.
Whoever has written asks the database once more what is needed, and Meta what it has, until both agree: so the last one
to write has seen every feature that was there before, and a feature that comes later has a look of its own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from features.activation.asking import ask
from features.activation.models import PageSubscription
from features.models import Cause, Feature, Installation
from mbe.catalog import FEATURE_TYPES
from mbe.errors import PermissionMissing
from partners.tenancy import tenant

FIELDS = {name: each.page_fields for name, each in FEATURE_TYPES.items() if each.page_fields}
# The rest of a subscription is somebody else's, and stays.
OURS = frozenset(field for fields in FIELDS.values() for field in fields)
MOST_ROUNDS = 5

# A feature that is switched off at Meta needs nothing.
_LIVING = Q(removed_at=None, feature_type__in=FIELDS) & ~Q(is_enabled=False)


class Pages(Protocol):
    """Meta's side; after a write, `subscribed_fields` asks Meta again."""

    def subscribed_fields(self, page_id: str) -> tuple[str, ...]:
        """The fields that the app is subscribed to."""

    def subscribe(self, page_id: str, fields: Sequence[str]) -> None:
        """Replace them."""

    def unsubscribe(self, page_id: str) -> None:
        """End the subscription."""


@dataclass(frozen=True)
class Need:
    """What the app's features need of a Page, and what of it Meta refuses for want of a permission."""

    fields: frozenset[str]
    refused: frozenset[str] = frozenset()


def page_of(feature: Feature) -> str:
    """Give the Page that a feature stands on, empty where Meta names none."""
    page_id = feature.connected_assets.get("page_id")
    only = page_id[0] if isinstance(page_id, list) and page_id else page_id
    return only if isinstance(only, str) else ""


def bring_in_line(
    installation: Installation, page_id: str, pages: Pages, own: Collection[str] = ()
) -> tuple[tuple[str, ...], bool]:
    """Have Meta send what the app's features of this Page need; a Page that is as needed is left alone.

    Gives the fields that the app is subscribed to, and whether they are as asked for. `own`: of the feature that is
    looked at; PermissionMissing is raised for these only, another feature's is left to its own look. Raises what else
    the calls raise. What is asked for is written down first: a worker that dies leaves its trace.
    """
    for _ in range(MOST_ROUNDS):
        need = _need(installation, page_id)
        subscribed = frozenset(pages.subscribed_fields(page_id))
        wanted = _wanted(need, subscribed, own)
        if wanted == subscribed:
            break
        _write(installation, page_id, pages, wanted, subscribed | {*own})
    else:
        subscribed = frozenset(pages.subscribed_fields(page_id))
    _settle(installation, page_id, subscribed)
    return tuple(sorted(subscribed)), wanted == subscribed


def left_behind(installation: Installation) -> list[str]:
    """List the Pages that the installation's features have left, while the app still is subscribed to them."""
    with tenant(installation.partner_id):
        asked = PageSubscription.objects.filter(installation=installation).values_list("page_id", flat=True)
        living = Feature.objects.filter(_LIVING, installation=installation)
        return sorted({*asked} - {page_of(each) for each in living}) if asked else []


def hand_over(installation: Installation, page_id: str) -> None:
    """Let go of a Page that is out of this installation's reach: those whose features stand there see to it."""
    with tenant(installation.partner_id):
        standing = set(_standing_on(installation, page_id).values_list("pk", flat=True))
        if standing:
            ask(standing, Cause.RECONCILE)
        else:
            _of_page(installation, page_id).delete()


def _wanted(need: Need, subscribed: frozenset[str], own: Collection[str]) -> frozenset[str]:
    """What the subscription is to be: others' fields, and ours that are needed and not known to be refused."""
    held_back = need.refused - subscribed - {*own}
    return (subscribed - OURS) | (need.fields - held_back)


def _write(
    installation: Installation, page_id: str, pages: Pages, wanted: frozenset[str], narrowed: frozenset[str]
) -> None:
    """Ask for the fields wanted, or, where a permission is missing for some, for those that this feature needs."""
    try:
        if wanted:
            pages.subscribe(page_id, sorted(wanted))
        else:
            pages.unsubscribe(page_id)
        return
    except PermissionMissing:
        narrowed &= wanted
        if not narrowed or narrowed == wanted:
            _note_refused(installation, page_id, wanted)
            raise
    try:
        pages.subscribe(page_id, sorted(narrowed))
    except PermissionMissing:
        _note_refused(installation, page_id, narrowed)
        raise
    _note_refused(installation, page_id, wanted - narrowed)


def _need(installation: Installation, page_id: str) -> Need:
    with tenant(installation.partner_id):
        rows = set(_standing_on(installation, page_id).values_list("feature_type", "installation"))
        fields = frozenset(field for name, _ in rows for field in FIELDS[name])
        if not fields:
            return Need(fields)
        known = _write_down(installation, page_id, sorted(fields), {each for _, each in rows})
        return Need(fields, frozenset(known.refused))


def _standing_on(installation: Installation, page_id: str) -> QuerySet[Feature]:
    """The features of the app that stand on this Page, of whichever business."""
    here = Q(connected_assets__page_id=page_id) | Q(connected_assets__page_id__contains=[page_id])
    partner_id, meta_app_id = installation.partner_id, installation.meta_app_id
    return Feature.objects.filter(here, _LIVING, partner=partner_id, installation__meta_app=meta_app_id)


def _of_page(installation: Installation, page_id: str) -> QuerySet[PageSubscription]:
    return PageSubscription.objects.filter(meta_app_id=installation.meta_app_id, page_id=page_id)


def _write_down(installation: Installation, page_id: str, fields: list[str], owners: set[int]) -> PageSubscription:
    """Keep who asks for what; of several installations, the one that asked before."""
    known = _of_page(installation, page_id).first()
    if known and known.fields == fields and known.installation_id in owners:
        return known
    before = known.installation_id if known else None
    owner = next(each for each in (before, installation.pk, min(owners)) if each in owners)
    values = {"installation_id": owner, "fields": fields, "changed_at": timezone.now()}
    written, _ = PageSubscription.objects.update_or_create(
        meta_app_id=installation.meta_app_id,
        page_id=page_id,
        defaults=values,
        create_defaults={"partner_id": installation.partner_id, **values},
    )
    return written


def _note_refused(installation: Installation, page_id: str, fields: Collection[str]) -> None:
    with tenant(installation.partner_id):
        known = _of_page(installation, page_id).select_for_update().first()
        if known and not OURS.intersection(fields) <= {*known.refused}:
            known.refused = sorted({*known.refused} | OURS.intersection(fields))
            known.save(update_fields=["refused"])


def _settle(installation: Installation, page_id: str, subscribed: frozenset[str]) -> None:
    """Take off what is refused no longer, and the whole row once nobody needs it."""
    with tenant(installation.partner_id):
        known = _of_page(installation, page_id).select_for_update().first()
        if known and subscribed.intersection(known.refused):
            known.refused = sorted({*known.refused} - subscribed)
            known.save(update_fields=["refused"])
        if known and not subscribed & OURS:
            # In one statement: whoever has come meanwhile is seen with the row that it has written.
            _of_page(installation, page_id).filter(~Exists(_standing_on(installation, page_id))).delete()
