"""What a visitor gets when a view failed."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 when it was the database that did not answer: then a later try is worth it."""
    answer = server_error(request)
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        answer.status_code = 503
        answer["Retry-After"] = "30"
    return answer
