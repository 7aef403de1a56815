"""Taking what has arrived: chunk by chunk, each in a short transaction of its own, by one worker at a time."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from catalogs.lines import Place
from catalogs.models import Format
from catalogs.reading import rows
from catalogs.unpacking import Unreadable
from features.claims import RENEW_AFTER_SECONDS, pause
from features.hints import mark_dirty
from features.models import Cause, Installation
from features.wake import workers
from golive.migration.arriving import fail, forget_content, head_of, pieces_from
from golive.migration.checking import check
from golive.migration.columns import Candidate, candidate, unguarded
from golive.migration.models import Import, ImportRow
from golive.migration.row_by_row import write_what_fits
from golive.migration.wake import takers
from golive.migration.writing import standing
from mbe.errors import GraphError, RateLimited
from partners.encryption import UnknownKey
from partners.tenancy import platform, tenant

logger = logging.getLogger(__name__)

# As many tokens as one batch asks about.
GOOD_ROWS_OF_A_CHUNK = 50
ROWS_OF_A_CHUNK = 500
MOST_FAILURES = 20
LONGEST_WAIT_SECONDS = 600
SYNCED_TOGETHER = 1_000
# A file with tokens that nobody takes any more is not kept.
KEPT_DAYS = 7

State = Import.State


class ClaimLost(Exception):
    """The lease ran out and another worker has taken over, or somebody stopped the import."""


@dataclass
class Claim:
    """The right to take one import; the attempt's number is the fence."""

    run: Import
    renewed: float = field(default_factory=time.monotonic)

    def lock(self) -> Import:
        """The import as it is, locked, its lease renewed; raises ClaimLost. Call it inside `tenant`."""
        held = Import.objects.filter(pk=self.run.pk, state=State.READING, attempt=self.run.attempt)
        run = held.select_for_update().first()
        if run is None:
            raise ClaimLost
        Import.objects.filter(pk=run.pk).update(claimed_until=_lease_end())
        run.meta_app = self.run.meta_app
        self.renewed = time.monotonic()
        return run

    def keep(self) -> None:
        """Renew the lease before a further call, unless it is fresh; raises ClaimLost."""
        if time.monotonic() - self.renewed >= RENEW_AFTER_SECONDS:
            with tenant(self.run.partner_id):
                self.lock()


def take(partner_id: int, run_id: int, progress: Callable[[Import], None] = lambda run: None) -> bool:
    """Take an import, or go on where a dead worker left it; False, and word of it, where this is not to be done.

    `progress` is called after each chunk. Whoever has to wait for Meta leaves it to a sweep.
    """
    claim = _claim(partner_id, run_id)
    if claim is None:
        logger.warning("no import %s of partner %s is to be taken", run_id, partner_id)
        return False
    try:
        for candidates, end in _chunks(claim.run):
            _take_chunk(claim, candidates, end)
            progress(claim.run)
        # Before the end: whoever takes over from a worker that dies here asks once more.
        _have_synced(claim.run)
        _end(claim, State.DONE)
    except KeyboardInterrupt:
        # Whatever was under way on it was cut off.
        connection.close()
        _give_back(claim)
        raise
    except ClaimLost:
        logger.warning("import %s of partner %s was stopped or taken over", run_id, partner_id)
        _have_synced(claim.run)
    except (GraphError, Unreadable, UnknownKey) as error:
        _settle(claim, error)
        _have_synced(claim.run)
    return True


def to_take() -> list[tuple[int, int]]:
    """The imports that no worker takes and that may go on now, as (partner, import)."""
    with platform():
        _end_what_cannot_be_taken()
        taken = list(_free().order_by("pk").values_list("partner_id", "pk"))
        left = ImportRow.objects.exclude(installation_to_sync=None).values("run")
        ended = list(Import.objects.exclude(state__in=[State.WAITING, State.READING]).filter(pk__in=left))
    for run in ended:
        _have_synced(run)
        if run.is_finished:
            with tenant(run.partner_id):
                forget_content(run)
    return taken


def stop(run: Import) -> bool:
    """Let a worker stop after its chunk; the file waits for `resume`. False where nothing is to be stopped."""
    with tenant(run.partner_id):
        running = Import.objects.filter(pk=run.pk, state__in=[State.WAITING, State.READING])
        return bool(running.update(state=State.STOPPED, claimed_until=None, not_before=None))


def resume(run: Import) -> bool:
    """Let a stopped import go on; False where it is not stopped."""
    with tenant(run.partner_id):
        stopped = Import.objects.filter(pk=run.pk, state=State.STOPPED)
        is_resumed = bool(stopped.update(state=State.WAITING, problem="", failures=0, not_before=None))
    if is_resumed:
        takers.wake()
    return is_resumed


def _take_chunk(claim: Claim, read: Sequence[Candidate], end: Place) -> None:
    run = claim.run
    with tenant(run.partner_id):
        claim.lock()
        candidates = _without_duplicates(run, read)
        good = [each for each in candidates if not each.reasons]
        before = standing(run.meta_app, good)
    verdicts = check(run.meta_app, [each for each in good if not before.knows_token(each)], claim.keep)
    refused = {line: verdict.refusal for line, verdict in verdicts.items() if verdict.refusal}
    candidates = [
        replace(each, reasons=(f"access_token:unchecked:{refused[each.line]}",)) if each.line in refused else each
        for each in candidates
    ]
    with tenant(run.partner_id):
        write_what_fits(claim.lock(), candidates, verdicts, end)
    # As it is written now: what failed before this chunk is not in a row with what fails after it.
    run.failures = 0


def _without_duplicates(run: Import, read: Sequence[Candidate]) -> list[Candidate]:
    """Of two good rows about one business the first counts."""
    ids = {each.external_business_id for each in read if not each.reasons}
    known = ImportRow.objects.filter(run=run, external_business_id__in=ids).exclude(outcome=ImportRow.Outcome.REJECTED)
    firsts = dict(known.values_list("external_business_id", "line"))
    candidates = []
    for each in read:
        first = each.line if each.reasons else firsts.setdefault(each.external_business_id, each.line)
        is_first = first == each.line
        candidates.append(each if is_first else replace(each, reasons=(f"external_business_id:duplicate:{first}",)))
    return candidates


def _chunks(run: Import) -> Iterator[tuple[list[Candidate], Place]]:
    place = Place(run.bytes_read, run.lines_read)
    gathered: list[Candidate] = []
    good = 0
    for row in rows(Format(run.format), head_of(run), lambda offset: pieces_from(run, offset), place):
        gathered.append(candidate(unguarded(row) if run.format == Format.CSV else row))
        good, place = good + (not gathered[-1].reasons), row.end
        if good >= GOOD_ROWS_OF_A_CHUNK or len(gathered) >= ROWS_OF_A_CHUNK:
            yield gathered, place
            gathered, good = [], 0
    if gathered:
        yield gathered, place


def _settle(claim: Claim, error: Exception) -> None:
    """What passes is waited for; the rest stops the import until somebody has seen to it."""
    run = claim.run
    try:
        if isinstance(error, Unreadable):
            _end(claim, State.FAILED, error.code)
        elif isinstance(error, RateLimited):
            _wait_out(claim, error)
        elif (isinstance(error, UnknownKey) or getattr(error, "is_retryable", False)) and run.failures < MOST_FAILURES:
            _wait(claim, min(LONGEST_WAIT_SECONDS, 2 ** min(run.failures, 10)), run.failures + 1)
        else:
            with tenant(run.partner_id):
                claim.lock()
                _stop_with(Import.objects.filter(pk=run.pk), f"meta:{error}"[:500])
    except ClaimLost:
        logger.warning("import %s of partner %s was taken over", run.pk, run.partner_id)


def _wait(claim: Claim, seconds: float, failures: int) -> None:
    with tenant(claim.run.partner_id):
        claim.lock()
        Import.objects.filter(pk=claim.run.pk).update(
            state=State.WAITING,
            claimed_until=None,
            not_before=Now() + timedelta(seconds=seconds),
            failures=failures,
            problem="waits",
        )


def _wait_out(claim: Claim, limit: RateLimited) -> None:
    if limit.scope == "app":
        pause(claim.run.meta_app, limit.wait_seconds)
    _wait(claim, limit.wait_seconds, claim.run.failures)


def _end(claim: Claim, state: Import.State, problem: str = "") -> None:
    with tenant(claim.run.partner_id):
        run = claim.lock()
        forget_content(run)
        is_done = state == State.DONE
        Import.objects.filter(pk=run.pk).update(
            state=state,
            problem="no_rows" if is_done and not run.rows_taken else problem[:500],
            # Blank lines after the last row belong to no row.
            bytes_read=F("size") if is_done else F("bytes_read"),
            claimed_until=None,
            finished_at=Now(),
        )


def _give_back(claim: Claim) -> None:
    """Let another worker go on at once, without counting it as one that died."""
    with tenant(claim.run.partner_id):
        held = Import.objects.filter(pk=claim.run.pk, state=State.READING, attempt=claim.run.attempt)
        held.update(state=State.WAITING, claimed_until=None)
    takers.wake()


def _have_synced(run: Import) -> None:
    """Ask for the sync of all that was imported: of a crowd, Meta is asked in full batches."""
    while True:
        with tenant(run.partner_id):
            waiting = ImportRow.objects.filter(run=run).exclude(installation_to_sync=None).order_by("pk")
            found = dict(waiting.values_list("pk", "installation_to_sync")[:SYNCED_TOGETHER])
            if not found:
                break
            ids = [pk for pk in found.values() if pk is not None]
            mark_dirty(Installation.objects.filter(pk__in=ids), Cause.IMPORT)
            ImportRow.objects.filter(pk__in=found).update(installation_to_sync=None)
    workers.wake()


def _end_what_cannot_be_taken() -> None:
    old = timezone.now() - timedelta(days=KEPT_DAYS)
    for run in Import.objects.filter(state=State.ARRIVING, claimed_until__lt=Now()):
        fail(run, "broken_off", state=run.state, claimed_until=run.claimed_until)
    for run in Import.objects.filter(state__in=[State.STOPPED, State.WAITING], arrived_at__lt=old):
        fail(run, "too_old", state=run.state, claimed_until=run.claimed_until)
    tired = list(_free().filter(failures__gte=MOST_FAILURES).values_list("pk", flat=True))
    # Whoever resumes one meanwhile has begun to count anew.
    _stop_with(Import.objects.filter(pk__in=tired, failures__gte=MOST_FAILURES), "given_up")


def _stop_with(runs: QuerySet[Import], problem: str) -> None:
    runs.update(state=State.STOPPED, problem=problem, claimed_until=None, not_before=None)


def _free() -> QuerySet[Import]:
    is_waiting = Q(state=State.WAITING) & (Q(not_before=None) | Q(not_before__lte=Now()))
    is_allowed = Q(meta_app__paused_until=None) | Q(meta_app__paused_until__lte=Now())
    return Import.objects.filter(is_waiting | Q(state=State.READING, claimed_until__lt=Now()), is_allowed)


def _claim(partner_id: int, run_id: int) -> Claim | None:
    """Take the import for one more attempt, if nobody has it."""
    with tenant(partner_id):
        free = _free().filter(pk=run_id, partner_id=partner_id).values_list("pk", flat=True)
        locked = Import.objects.filter(pk__in=list(free)).select_for_update(skip_locked=True).first()
        if locked is None or not _free().filter(pk=run_id).exists():
            return None
        # Of a worker that died nobody hears: the chunk that it dies of must not be begun for ever.
        died = 1 if locked.state == State.READING else 0
        Import.objects.filter(pk=run_id).update(
            state=State.READING,
            claimed_until=_lease_end(),
            attempt=F("attempt") + 1,
            failures=F("failures") + died,
            not_before=None,
        )
        return Claim(Import.objects.select_related("meta_app").get(pk=run_id))


def _lease_end() -> object:
    return Now() + timedelta(seconds=settings.CLAIM_SECONDS)
