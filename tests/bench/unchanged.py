"""What a sync that finds nothing new asks of the database.

One business is hinted at and synced in this process, from the claim to the applied result, several times. Units: SQL
statements, not counting BEGIN, COMMIT, savepoints and the setting of the tenant (the most of the syncs); rows of
features whose version (`xmin`, `ctid`) is another one afterwards.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection

from features.claims import claim_due
from features.sync import sync_claimed
from tests.bench.population import Population
from tests.bench.report import Row

GOAL = 6
NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
VERSIONS = "SELECT id, xmin::text, ctid::text FROM features_feature ORDER BY id"


def measure(population: Population, syncs: int) -> list[Row]:
    """Sync so many unchanged businesses."""
    before = _versions()
    statements = []
    for subject in population.subjects[:syncs]:
        population.hint([subject])
        statements.append(_statements_of_a_sync())
    written = len(set(_versions()) - set(before))
    most = max(statements, key=len)
    return [
        Row("statements of an unchanged sync", f"{len(most)}", f"≤ {GOAL}", len(most) <= GOAL),
        Row("feature rows written by an unchanged sync", f"{written}", "0", written == 0),
    ]


def _statements_of_a_sync() -> list[str]:
    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if "set_config" not in sql and not sql.startswith(NOT_COUNTED):
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        [claim] = claim_due()
        if not sync_claimed(claim):
            raise SystemExit("a hinted business was not synced")
    return statements


def _versions() -> list[tuple[int, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS)
        return list(cursor.fetchall())
