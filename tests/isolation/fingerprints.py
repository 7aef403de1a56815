"""What every table holds, as one line each: to see that nothing has changed, or whose rows have."""

from dataclasses import dataclass
from itertools import chain

from django.db import connection
from psycopg import sql

from tests.isolation.tables import OF_NO_PARTNER, Table, tables

# A visit writes its session; content types are made with the tables.
_UNWATCHED = {"django_session", "django_migrations", "django_content_type"}


@dataclass(frozen=True)
class Fingerprint:
    """Hashes of one partner's rows, of the other partners', and of what is of no partner."""

    own: tuple[str, ...]
    others: tuple[str, ...]
    nobodys: tuple[str, ...]


class Watch:
    """Looks at all tables at once, with one statement."""

    def __init__(self, partner_id: int) -> None:
        self._tables = tables()
        watched = sorted(OF_NO_PARTNER - _UNWATCHED)
        parts = [_partners_part(each, partner_id) for each in self._tables]
        self._statement = sql.SQL(" UNION ALL ").join(chain(parts, map(_part, watched)))

    def look(self) -> Fingerprint:
        """Take a fingerprint; it sees what is not committed yet, too."""
        with connection.cursor() as cursor:
            rows = cursor.execute(self._statement).fetchall()
        of_partners = rows[: len(self._tables)]
        own, others, unowned = zip(*of_partners, strict=True)
        return Fingerprint(own, others, (*unowned, *(row[0] for row in rows[len(self._tables) :])))


def _partners_part(table: Table, partner_id: int) -> sql.Composed:
    whose = ("{column} = {partner}", "{column} <> {partner}", "{column} IS NULL")
    hashes = [f"coalesce(md5(string_agg(t::text, '' ORDER BY t::text) FILTER (WHERE {each})), '')" for each in whose]
    return sql.SQL(f"(SELECT {', '.join(hashes)} FROM {{table}} t)").format(
        column=sql.Identifier(table.column), partner=sql.Literal(partner_id), table=table.identifier
    )


def _part(name: str) -> sql.Composed:
    return sql.SQL("(SELECT coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), ''), '', '' FROM {} t)").format(
        sql.Identifier(name)
    )
