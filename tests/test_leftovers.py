"""What keeps the tests' database from being dropped."""

import psycopg
import pytest
from django.db import connection

from tests.leftovers import end_leftover_sessions


@pytest.mark.django_db(transaction=True)
def test_a_session_that_somebody_left_is_named_and_ended() -> None:
    connection.ensure_connection()
    left = psycopg.connect(**connection.get_connection_params())
    left.execute("SELECT 'left alone'")
    with pytest.warns(UserWarning, match="idle in transaction: SELECT 'left alone'"):
        end_leftover_sessions()
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
