"""A chunk as the database takes it: whole, or row by row, so that one row costs no other."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db import DataError, transaction

from catalogs.lines import Place
from golive.migration.checking import Verdict
from golive.migration.columns import Candidate
from golive.migration.models import Import
from golive.migration.writing import standing, write

logger = logging.getLogger(__name__)

_REASON = "row:unstorable"


def write_what_fits(run: Import, candidates: Sequence[Candidate], verdicts: Mapping[int, Verdict], end: Place) -> None:
    """`write`; a row that the database does not take is rejected. Inside `tenant`, the import locked."""
    try:
        with transaction.atomic():
            write(run, candidates, verdicts, end)
    except DataError:
        # Every check of the rows comes before: whatever is found here is missing there.
        logger.exception("a chunk of import %s is written row by row", run.pk)
        # As for a whole chunk, all are locked in one order.
        standing(run.meta_app, [each for each in candidates if not each.reasons], is_locked=True)
        for each in sorted(candidates, key=lambda each: each.external_business_id):
            _write_one(run, each, verdicts, end)


def _write_one(run: Import, candidate: Candidate, verdicts: Mapping[int, Verdict], end: Place) -> None:
    rejected = replace(candidate, reasons=(_REASON,))
    for each in (candidate, rejected):
        try:
            with transaction.atomic():
                write(run, [each], verdicts, end)
            return
        except DataError:
            logger.warning("line %s of import %s is not taken by the database", candidate.line, run.pk)
    write(run, [Candidate(candidate.line, reasons=(_REASON,))], verdicts, end)
