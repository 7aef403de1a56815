"""For how long a result counts: the checks are made every day, and what was not made again for two says nothing."""

from datetime import datetime, timedelta

from django.utils.timezone import now

from golive.readiness.models import Check

EVERY = timedelta(days=1)
COUNTS_FOR = 2 * EVERY


def is_good(check: Check) -> bool:
    """Whether the check was seen to be good, and lately."""
    return check.state == Check.State.GREEN and not is_outdated(check)


def was_good(check: Check) -> bool:
    """Whether the check was seen to be good, and too long ago."""
    return check.state == Check.State.GREEN and is_outdated(check)


def is_of_sandbox(check: Check) -> bool:
    """Whether it is good for the sandbox on this machine and for nobody else."""
    return check.state == Check.State.GREEN and bool(check.evidence.get("sandbox_only"))


def is_outdated(check: Check) -> bool:
    """Whether what was found is too old to say how it is now."""
    return check.checked_at is not None and _is_old(check.checked_at)


def is_overdue(check: Check) -> bool:
    """Whether it is outdated since nobody makes the checks; one that is tried and cannot be made says why itself."""
    is_tried = bool(check.problem) and check.tried_at is not None and not _is_old(check.tried_at)
    return is_outdated(check) and not is_tried


def _is_old(moment: datetime) -> bool:
    return moment < now() - COUNTS_FOR
