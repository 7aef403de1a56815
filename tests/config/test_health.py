"""What the two health addresses say, with everything there and with something missing."""

from dataclasses import replace

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from config.environment import NO_BROKER, NO_DATABASE
from config.handlers import handler_by_path


def test_the_process_lives_whatever_is_missing(client: Client, settings: Settings) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, database_url=NO_DATABASE, redis_url=NO_BROKER)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_with_database_and_broker(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "broker": True})


@pytest.mark.parametrize(
    ("name", "field", "nobody"), [("database", "database_url", NO_DATABASE), ("broker", "redis_url", NO_BROKER)]
)
def test_what_is_missing_is_named(client: Client, settings: Settings, name: str, field: str, nobody: str) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, **{field: nobody})
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": True, "broker": True} | {name: False}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_prober_may_call_the_process_by_any_name_over_plain_http(db: None, path: str, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    statuses: list[str] = []
    environ = RequestFactory().get(path, headers={"host": "10.0.0.3"}).environ
    handler_by_path()(environ, lambda status, headers: statuses.append(status))
    assert statuses == ["200 OK"]


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405
