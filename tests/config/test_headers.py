"""What answers tell browsers about themselves."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from config.handlers import handler_by_path
from partners.models import Business, MetaApp
from tests.factories import BusinessFactory, EntryPointFactory, MetaAppFactory
from tests.onboarding.merchant import Merchant


def _policy(value: str) -> dict[str, set[str]]:
    directives = (part.split() for part in value.split(";"))
    return {name: set(sources) for name, *sources in directives}


def _policy_of(answer: Any) -> dict[str, set[str]]:
    return _policy(answer["Content-Security-Policy"])


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/nowhere/", "/connect/unknown/", "/return/?state=unknown"])
def test_every_page_is_guarded(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    policy = _policy_of(answer)
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == {"'self'"} or path.startswith("/c")
    assert not any("unsafe" in source for sources in policy.values() for source in sources)
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.fixture
def app(db: None) -> MetaApp:
    return MetaAppFactory.create()


@pytest.fixture
def business(app: MetaApp) -> Business:
    return BusinessFactory.create(partner=app.partner)


@pytest.mark.parametrize(
    ("dialog", "allowed", "not_allowed"),
    [
        ("https://www.facebook.com/v25.0/dialog/oauth", "https://*.facebook.com", "https://evil.example"),
        ("http://127.0.0.1:8001/v25.0/dialog/oauth", "http://127.0.0.1:8001", "https://*.facebook.com"),
    ],
)
def test_a_merchants_form_may_lead_to_the_dialog_and_nowhere_else(
    settings: Settings, app: MetaApp, business: Business, dialog: str, allowed: str, not_allowed: str
) -> None:
    settings.META_DIALOG_URL = dialog
    EntryPointFactory.create(meta_app=app)
    targets = _policy_of(Merchant(business).open())["form-action"]
    assert {"'self'", allowed, settings.PUBLIC_URL} <= targets and not_allowed not in targets


def _ask_bare(path: str) -> tuple[str, dict[str, str]]:
    answers: list[tuple[str, dict[str, str]]] = []

    def start(status: str, headers: Iterable[tuple[str, str]]) -> None:
        answers.append((status, dict(headers)))

    handler_by_path()(RequestFactory().get(path).environ, start)
    return answers[0]


@pytest.mark.parametrize(("path", "status"), [("/healthz", "200"), ("/webhooks/nowhere", "404")])
def test_what_machines_ask_is_nothing_for_a_browser(db: None, path: str, status: str) -> None:
    said, headers = _ask_bare(path)
    assert said.startswith(status)
    assert _policy(headers["Content-Security-Policy"])["default-src"] == {"'none'"}
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "https:evil.example", "javascript:alert(1)"],
)
def test_choosing_a_language_never_leads_outside(client: Client, db: None, target: str) -> None:
    answer = client.post("/language/", {"language": "zh-hant", "next": target})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_signing_in_never_leads_outside(admin_client: Client, target: str) -> None:
    answer = admin_client.get("/admin/login/", {"next": target})
    assert answer["Location"] == "/admin/"
