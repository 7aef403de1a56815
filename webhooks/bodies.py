"""Putting bodies without secrets in the place of those that came."""

from collections.abc import Mapping

import psycopg
from django.db import connection

from partners.encryption import seal

# %b sends the values as they are; as text, a body would travel in twice as many hexadecimal digits.
_UPDATE = """
    UPDATE webhooks_delivery AS delivery SET sealed_body = redacted.body
    FROM unnest(%b::bigint[], %b::bytea[]) AS redacted (id, body)
    WHERE delivery.id = redacted.id
"""


def replace_bodies(bodies: Mapping[int, bytes]) -> None:
    """Write the bodies, sealed, of these deliveries, which the caller has locked in a transaction."""
    if bodies:
        with connection.wrap_database_errors:
            sealed = [seal(each) for each in bodies.values()]
            psycopg.Cursor(connection.connection).execute(_UPDATE, (list(bodies), sealed))
