"""What stays out of the log."""

import logging
import sys
from dataclasses import replace

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from config import scrubbing
from config.scrubbing import ScrubbingFormatter, scrub_secrets

SECRET = "S3cr3t-of-somebody_0123456789-abcdefghijklm"


@pytest.mark.parametrize(
    "text",
    [
        "Gone: /connect/{}/",
        "Gone: /connect/{}/book/",
        "Gone: /account/invitation/{}/",
        "Not Found: /account/reset/{}/",
        "Referer: https://portal.example.com/connect/{}/?a=b",
        "Not Found: /account/password/MQ/{}/",
        "Not Found: /account/invitation/{}",
        "GET /return/?code={} HTTP/1.1",
        "GET /connect/business-app/12/?state=a&launch_token={} HTTP/1.1",
        "GET /connect/business-app/12/?state={} HTTP/1.1",
        "https://bookly.example/?return_to=https%3A%2F%2Fp.example%2Fconnect%2Fbusiness-app%2F12%2F%3Fstate%3D{}",
        "GET /return/?state={}&x=1 HTTP/1.1",
        "GET /return/?x=1&amp;code={}#_=_",
        "Max retries exceeded with url: /v25.0/oauth/access_token?client_id=1&client_secret={}&code=2",
        "url: /v25.0/me?access_token={}&appsecret_proof=1",
        "next=https%3A%2F%2Fgraph.facebook.com%2Fme%3Faccess_token%3D{}",
        "hub.verify_token={}",
        '{{"value": {{"access_token": "{}", "business_id": "1"}}}}',
        "{{'client_secret': '{}'}}",
        "{{'password': b'{}'}}",
        "&quot;access_token&quot;: &quot;{}&quot;",
        "Authorization: Bearer {}",
        "cannot connect to postgresql://portal:{}@db.internal:5432/portal",
        "cannot connect to rediss://:{}@broker/0",
    ],
)
def test_a_secret_in_any_of_these_places_is_cut(text: str) -> None:
    assert SECRET not in scrub_secrets(text.format(SECRET))


@pytest.mark.parametrize("token", ["EAAGm0PX4ZCpsBAKZCZBZCZA1234567890", "123456789012345|abc-DEF_ghi"])
def test_a_token_of_metas_is_known_by_its_looks(token: str) -> None:
    assert token[6:] not in scrub_secrets(f"it was {token}.").replace("12345|", "")


@pytest.mark.parametrize(
    "text",
    [
        "Not Found: /connect/business-app/12/",
        "Not Found: /connect/result/0d5b0d3c-0000-4000-8000-000000000000/",
        "webhook of app 12 refused: signature",
        "error_code 190, error_subcode 460",
        "Task features.sync_due[2c1d] succeeded in 0.3s: None",
        "GET /admin/features/installation/?state=connected HTTP/1.1 200".replace("?state=connected", ""),
        "https://graph.facebook.com/v25.0/fbe_business/fbe_installs?fbe_external_business_id=shop-1",
    ],
)
def test_what_helps_to_find_a_fault_stays(text: str) -> None:
    assert scrub_secrets(text) == text


def test_the_portals_own_secrets_are_cut_wherever_they_stand(settings: Settings) -> None:
    settings.SECRET_KEY, settings.ENCRYPTION_KEYS = "own-secret-key", ("own-encryption-key",)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, database_url="postgresql://a:p%40ssword@db/c")
    scrubbing._own_secrets.cache_clear()
    try:
        assert scrub_secrets("own-secret-key own-encryption-key p%40ssword p@ssword") == "… … … …"
    finally:
        scrubbing._own_secrets.cache_clear()


@given(st.text())
def test_any_text_can_be_scrubbed_and_again_without_change(text: str) -> None:
    once = scrub_secrets(text)
    assert scrub_secrets(once) == once


def test_tracebacks_are_scrubbed_too() -> None:
    try:
        try:
            raise ConnectionError(f"url: /me?access_token={SECRET}")
        except ConnectionError as error:
            raise ValueError({"client_secret": SECRET}) from error
    except ValueError:
        record = logging.LogRecord("celery", logging.ERROR, "", 0, "task %s", ("failed",), sys.exc_info())
    text = ScrubbingFormatter("%(message)s").format(record)
    assert text.startswith("task failed\nTraceback") and "ConnectionError" in text
    assert SECRET not in text


@pytest.mark.parametrize("name", ["", "django", "django.request", "django.server", "celery", "celery.app.trace"])
def test_every_logger_writes_through_the_scrubbing_formatter_only(name: str) -> None:
    logger: logging.Logger | None = logging.getLogger(name)
    handlers: list[logging.Handler] = []
    while logger:
        handlers += logger.handlers
        logger = logger.parent if logger.propagate else None
    silent = ("_pytest", "logging.NullHandler")
    ours = [each for each in handlers if not f"{type(each).__module__}.{type(each).__name__}".startswith(silent)]
    assert ours and all(isinstance(each.formatter, ScrubbingFormatter) for each in ours)


def test_a_refused_request_is_logged_without_its_token(client: Client, db: None) -> None:
    console = next(each for each in logging.getLogger().handlers if each.get_name() == "console")
    lines: list[str] = []
    listener = logging.Handler()
    listener.emit = lambda record: lines.append(console.format(record))  # type: ignore[method-assign]
    logging.getLogger("django.request").addHandler(listener)
    try:
        client.get(f"/connect/{SECRET}/")
    finally:
        logging.getLogger("django.request").removeHandler(listener)
    assert [line.partition("django.request ")[2] for line in lines] == ["Not Found: /connect/…/"]
