"""What an error page says, with DEBUG on and off, when secrets are all around the fault."""

from types import ModuleType

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from config import urls
from tests.factories import MetaAppFactory

CANARIES = {
    name: f"canary-{name}-0123456789-abcdefghijklmnopqrst"
    for name in ("path", "code", "state", "post", "cookie", "local", "nested", "bytes", "message", "cause", "header")
}


def _failing(request: HttpRequest, token: str) -> HttpResponse:
    innocent = CANARIES["local"]
    values = {"a": [{"b": CANARIES["nested"]}]}
    body = CANARIES["bytes"].encode()
    app = MetaAppFactory.build(secret=CANARIES["local"])
    try:
        raise ConnectionError(f"with url: /me?access_token={CANARIES['cause']}", len(body), bool(values), app.pk)
    except ConnectionError as error:
        raise ValueError(f"no {{'access_token': '{CANARIES['message']}'}} in {len(innocent)}") from error


@pytest.fixture
def broken(settings: Settings) -> Client:
    module = ModuleType("broken")
    vars(module).update(vars(urls) | {"urlpatterns": [path("connect/<str:token>/", _failing), *urls.urlpatterns]})
    settings.ROOT_URLCONF = module
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("is_debug", [True, False])
@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
def test_no_secret_shows(db: None, settings: Settings, broken: Client, is_debug: bool, accept: str) -> None:
    settings.DEBUG = is_debug
    broken.cookies["browser"] = CANARIES["cookie"]
    answer = broken.post(
        f"/connect/{CANARIES['path']}/?code={CANARIES['code']}&state={CANARIES['state']}",
        {"note": CANARIES["post"]},
        headers={"accept": accept, "x-hub-signature-256": CANARIES["header"]},
    )
    text = answer.content.decode()
    assert answer.status_code == 500
    assert ("ValueError" in text) == is_debug
    for name, canary in CANARIES.items():
        assert canary not in text, name
    own = [settings.SECRET_KEY, *settings.ENCRYPTION_KEYS, settings.DATABASES["default"]["PASSWORD"]]
    for secret in [*own, settings.ENVIRONMENT.database_url, settings.ENVIRONMENT.redis_url]:
        assert secret not in text


def test_the_page_still_says_what_went_wrong_and_where(db: None, settings: Settings, broken: Client) -> None:
    settings.DEBUG = True
    text = broken.get("/connect/anything-at-all/", headers={"accept": "text/html"}).content.decode()
    assert "test_error_pages.py" in text and "_failing" in text
    assert "innocent" in text and "&lt;str of 44&gt;" in text and "&lt;MetaApp None&gt;" in text
