"""What a visitor gets when a view failed, and when only the database was away."""

from collections.abc import Callable
from types import ModuleType

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from config import urls


def _raising(error: type[Exception]) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise error("gone")

    return view


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError, 503), (InterfaceError, 503), (DatabaseError, 500), (ValueError, 500)]
)
def test_a_database_that_is_away_is_worth_a_later_try(settings: Settings, error: type[Exception], status: int) -> None:
    broken = ModuleType("broken")
    vars(broken).update(vars(urls) | {"urlpatterns": [path("broken/", _raising(error)), *urls.urlpatterns]})
    settings.ROOT_URLCONF = broken
    answer = Client(raise_request_exception=False).get("/broken/")
    assert answer.status_code == status
    assert b"Nothing is lost" in answer.content
    assert ("Retry-After" in answer) == (status == 503)
