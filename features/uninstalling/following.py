"""What an applied result means for uninstalls: what staff asked for is recorded as theirs, whoever told us of it."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q

from features.applied import Applied
from features.models import Cause, Change, Installation
from features.uninstalling.asking import end
from features.uninstalling.models import Uninstall
from features.uninstalling.wake import workers

Kind, State = Change.Kind, Uninstall.State

# Meta has, or may have, taken these; one that could not be confirmed may still come about.
_TAKEN = Q(state__in=Uninstall.OPEN, sent_at__isnull=False) | Q(state=State.UNCONFIRMED, connected_anew_at=None)


def follow(results: Sequence[Applied]) -> None:
    """Name our cause and reason on what went as asked, and go on with whatever is open; in the results' transaction."""
    # A return from Meta has called off what was under way, whatever it has changed.
    changed = [each for each in results if each.cause == Cause.RETURN or any(map(_ends_something, each.changes))]
    if not changed:
        return
    about = Uninstall.objects.filter(installation__in=[each.installation.pk for each in changed])
    taken: dict[int, list[Uninstall]] = {}
    for row in about.filter(_TAKEN):
        taken.setdefault(row.installation_id, []).append(row)
    for result in changed:
        if rows := taken.get(result.installation.pk):
            _own(result, rows)
    waiting = about.filter(state__in=Uninstall.OPEN).exclude(wait=Installation.Wait.LIMIT)
    if waiting.update(not_before=None, wait=""):
        transaction.on_commit(workers.wake)


def _own(result: Applied, rows: list[Uninstall]) -> None:
    lines = list(_lines_of(result, rows))
    for change in lines:
        change.cause = Cause.UNINSTALL
        if change.kind == Kind.DISCONNECTED:
            change.after = {**change.after, "reason": Installation.Reason.UNINSTALLED_BY_STAFF}
            Installation.objects.filter(pk=result.installation.pk).update(reason=change.after["reason"])
    Change.objects.bulk_update(lines, ["cause", "after"])
    done = [row.pk for row in rows if row.state == State.UNCONFIRMED and _is_met(row, lines)]
    end(Uninstall.objects.filter(pk__in=done), State.GONE)


def _lines_of(result: Applied, rows: list[Uninstall]) -> Iterable[Change]:
    """The lines of the history that our uninstalls have led to."""
    features = {row.feature_id for row in rows if not row.is_whole}
    wholes = [row for row in rows if row.is_whole]
    removed = {each.feature_id for each in result.changes if each.kind == Kind.REMOVED}
    is_over = any(each.kind == Kind.DISCONNECTED for each in result.changes)
    # The last feature takes the connection with it.
    is_all_ours = bool(wholes) or bool(removed and removed <= features)
    is_whole_ours = is_over and is_all_ours
    still_wanted_gone = any(row.connected_anew_at is None for row in wholes)
    for change in result.changes:
        is_of_connection = change.kind in (Kind.DISCONNECTED, Kind.ASSETS)
        is_of_whole = is_whole_ours or (still_wanted_gone and change.kind == Kind.REMOVED)
        is_of_feature = change.feature_id in features and _ends_something(change)
        if (is_of_whole and (is_of_connection or _ends_something(change))) or is_of_feature:
            yield change


def _ends_something(change: Change) -> bool:
    if change.kind == Kind.CONFIGURED:
        return change.after.get("is_enabled") is False
    return change.kind in (Kind.REMOVED, Kind.DISCONNECTED)


def _is_met(row: Uninstall, lines: list[Change]) -> bool:
    if row.is_whole:
        return any(each.kind == Kind.DISCONNECTED for each in lines)
    return any(each.feature_id == row.feature_id for each in lines)
