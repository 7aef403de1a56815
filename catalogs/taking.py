"""Taking what has arrived: chunk by chunk, each in a short transaction of its own, by one worker at a time."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from catalogs.asking import ask
from catalogs.chunks import Chunk, chunks_of, write
from catalogs.intakes import discard, fail, forget_content, pieces_from
from catalogs.lines import Place
from catalogs.models import Format, Intake, IntakeItem, Product
from catalogs.reading import read_head, rows
from catalogs.unpacking import Unreadable
from catalogs.wake import takers
from mbe.products import unknown_fields
from mbe.wire import storable
from partners.tenancy import platform, tenant

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 20
# However many files arrive, most workers stay free for the rest.
LANES = 2
MOST_REMOVED_AT_ONCE = 5_000
MOST_NAMES = 50

State = Intake.State


class ClaimLost(Exception):
    """The lease ran out and another worker has taken over."""


@dataclass(frozen=True)
class Claim:
    """The right to take one intake; the attempt's number is the fence."""

    intake: Intake

    def held(self) -> QuerySet[Intake]:
        """The intake, as long as nobody else has it."""
        return Intake.objects.filter(pk=self.intake.pk, state=State.READING, attempt=self.intake.attempt)

    def lock(self) -> Intake:
        """The intake as it is, locked, its lease renewed; raises ClaimLost. Call it inside `tenant`."""
        intake = self.held().select_for_update().first()
        if intake is None:
            raise ClaimLost
        Intake.objects.filter(pk=intake.pk).update(claimed_until=_lease_end())
        return intake


def take(partner_id: int, intake_id: int) -> bool:
    """Take an intake, or go on where a dead worker left it; False, and word of it, where this is not to be done."""
    claim = _claim(partner_id, intake_id)
    if claim is None:
        logger.warning("no intake %s of partner %s is to be taken", intake_id, partner_id)
        return False
    try:
        for chunk in _chunks(claim.intake):
            with tenant(partner_id):
                write(claim.lock(), chunk)
        _remove(claim)
        _end(claim)
    except Unreadable as error:
        _break_off(claim, error.code)
    except ClaimLost:
        logger.warning("another worker has taken over intake %s of partner %s", intake_id, partner_id)
    # The next one may begin.
    takers.wake()
    return True


def to_take() -> list[tuple[int, int]]:
    """The intakes that no worker takes and that may begin now, as (partner, intake): of each business the oldest."""
    with platform():
        _end_what_cannot_be_taken()
        older = _unfinished().filter(business=OuterRef("business"), pk__lt=OuterRef("pk"))
        being_read = Intake.objects.filter(state=State.READING, claimed_until__gte=Now()).count()
        free = _free().exclude(Exists(older)).order_by("pk")
        return list(free.values_list("partner_id", "pk")[: max(0, LANES - being_read)])


def _end_what_cannot_be_taken() -> None:
    broken_off = list(Intake.objects.filter(state=State.ARRIVING, claimed_until__lt=Now()))
    given_up = list(_free().filter(attempt__gte=MOST_ATTEMPTS))
    for intake in broken_off:
        discard(intake) if intake.origin == Intake.Origin.FEED else fail(intake, "broken_off")
    for intake in given_up:
        fail(intake, "given_up")


def _unfinished() -> QuerySet[Intake]:
    return Intake.objects.filter(state__in=[State.WAITING, State.READING])


def _free() -> QuerySet[Intake]:
    return Intake.objects.filter(Q(state=State.WAITING) | Q(state=State.READING, claimed_until__lt=Now()))


def _claim(partner_id: int, intake_id: int) -> Claim | None:
    """Take the intake for one more attempt, if it is the oldest of its business and nobody has it."""
    with tenant(partner_id):
        business = Intake.objects.filter(pk=intake_id).values("business")
        # Whoever wants another one of this business waits here, and finds this one taken.
        oldest = _unfinished().filter(business__in=business).order_by("pk").select_for_update().first()
        if oldest is None or oldest.pk != intake_id or oldest.attempt >= MOST_ATTEMPTS:
            return None
        if (
            not _free()
            .filter(pk=intake_id)
            .update(state=State.READING, claimed_until=_lease_end(), attempt=F("attempt") + 1)
        ):
            return None
        return Claim(Intake.objects.get(pk=intake_id))


def _chunks(intake: Intake) -> Iterator[Chunk]:
    beginning = next(pieces_from(intake, 0), b"")
    head = read_head(Format(intake.format), beginning)
    ignored = unknown_fields(head.names)[:MOST_NAMES]
    with tenant(intake.partner_id):
        Intake.objects.filter(pk=intake.pk).update(ignored=[storable(name[:100]) for name in ignored])
    place = Place(intake.bytes_read, intake.lines_read)
    return chunks_of(rows(Format(intake.format), head, lambda offset: pieces_from(intake, offset), place), place)


def _remove(claim: Claim) -> None:
    """Remove what a whole set does not name, in portions; nothing where the set is doubtful."""
    while True:
        with tenant(claim.intake.partner_id):
            intake = claim.lock()
            if not intake.is_whole or _is_doubtful(intake):
                return
            named = IntakeItem.objects.filter(intake=intake, item_id=OuterRef("item_id"))
            unnamed = Product.objects.filter(~Exists(named), business_id=intake.business_id)
            ids = list(unnamed.values_list("pk", flat=True)[:MOST_REMOVED_AT_ONCE])
            Product.objects.filter(pk__in=ids).delete()
            Intake.objects.filter(pk=intake.pk).update(removed=F("removed") + len(ids))
        if len(ids) < MOST_REMOVED_AT_ONCE:
            return


def _is_doubtful(intake: Intake) -> bool:
    """Whether a set can hardly be what was meant: nothing in it, or more of it bad than good."""
    return not intake.taken or intake.rejected > intake.taken


def _end(claim: Claim) -> None:
    with tenant(claim.intake.partner_id):
        intake = claim.lock()
        forget_content(intake)
        is_doubtful = intake.is_whole and _is_doubtful(intake)
        Intake.objects.filter(pk=intake.pk).update(
            state=State.DONE,
            problem="nothing_removed" if is_doubtful else "",
            bytes_read=F("size"),
            claimed_until=None,
            finished_at=Now(),
        )
        _have_pushed(intake)


def _break_off(claim: Claim, code: str) -> None:
    with tenant(claim.intake.partner_id):
        intake = claim.lock()
        fail(intake, code)
        _have_pushed(intake)


def _have_pushed(intake: Intake) -> None:
    if intake.changed or intake.removed:
        ask(intake.business_id)


def _lease_end() -> object:
    return Now() + timedelta(seconds=settings.CLAIM_SECONDS)
