"""Requests of the tests' client run as the app's role, as in production, whatever role the test's own code has."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse
from psycopg.pq import TransactionStatus

from partners.tenancy import OWN_ROLE


def as_app(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Give up the platform's role for the time of a request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        before = _take(OWN_ROLE)
        try:
            return get_response(request)
        finally:
            # What has failed takes the role back when it is rolled back.
            if connection.connection.info.transaction_status != TransactionStatus.INERROR:
                _take(before)

    return middleware


def _take(role: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), set_config('role', %s, false)", [role])
        return str(cursor.fetchone()[0])
