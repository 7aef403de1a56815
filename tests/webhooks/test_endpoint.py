"""The endpoint: handshake, signature, storing, and whatever strangers send."""

import io
import json
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.handlers import BareHandler
from mbe.signature import sign
from partners.encryption import seal
from partners.models import MetaApp
from tests.factories import MetaAppFactory
from tests.owner import connect_as_owner
from webhooks import endpoint
from webhooks.models import Delivery, RefusedCount

pytestmark = pytest.mark.django_db


@pytest.fixture
def app() -> MetaApp:
    """The app whose endpoint is knocked at."""
    return MetaAppFactory.create()


def post(client: Client, app: MetaApp, body: bytes, signature: str | None = "right") -> Any:
    """Deliver a body, signed with the app's secret unless told otherwise."""
    headers = {}
    if signature is not None:
        headers["X-Hub-Signature-256"] = sign(body, app.secret) if signature == "right" else signature
    return client.post(f"/webhooks/meta/{app.app_id}/", body, content_type="application/json", headers=headers)


def handshake(client: Client, app: MetaApp, **query: str) -> Any:
    """Meta's verification request."""
    return client.get(f"/webhooks/meta/{app.app_id}/", {f"hub.{name}": value for name, value in query.items()})


def test_the_handshake_answers_the_challenge_as_plain_text(client: Client, app: MetaApp) -> None:
    answer = handshake(client, app, mode="subscribe", challenge="1158201444", verify_token=app.verify_token)
    assert (answer.status_code, answer.content) == (200, b"1158201444")
    assert answer["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("token", ["wrong", "", "é", "\x00"])
def test_a_wrong_verify_token_is_refused(client: Client, app: MetaApp, token: str) -> None:
    assert handshake(client, app, mode="subscribe", challenge="1", verify_token=token).status_code == 403


def test_a_signed_body_is_kept_encrypted(client: Client, app: MetaApp) -> None:
    body = json.dumps({"object": "user", "entry": [], "access_token": "EAAsecret"}).encode()
    assert post(client, app, body).status_code == 200
    delivery = Delivery.objects.get()
    assert delivery.raw_body == body
    assert delivery.partner == app.partner
    assert b"EAAsecret" not in bytes(delivery.sealed_body)
    assert delivery.status == Delivery.Status.RECEIVED


@pytest.mark.parametrize(
    "signature", [None, "", "sha256=", "sha256=zz", "sha1=abc", "sha256=" + "0" * 64, "é", "sha256=" + "0" * 10_000]
)
def test_a_body_with_a_wrong_signature_is_refused_and_only_counted(
    client: Client, app: MetaApp, signature: str | None
) -> None:
    for _ in range(2):
        assert post(client, app, b"{}", signature).status_code == 403
    assert not Delivery.objects.exists()
    assert RefusedCount.objects.get().count == 2


def test_another_apps_signature_is_refused(client: Client, app: MetaApp) -> None:
    other = MetaAppFactory.create(secret="another secret")
    assert post(client, app, b"{}", sign(b"{}", other.secret)).status_code == 403


def test_a_replaced_secret_counts_at_once(client: Client, app: MetaApp) -> None:
    assert post(client, app, b"{}").status_code == 200
    app.secret = "a new secret"
    app.save()
    endpoint._known[app.app_id] = endpoint.KnownApp(app.pk, app.partner_id, seal("old"), seal("old"), 0.0)
    assert post(client, app, b"{}").status_code == 200


def test_an_unknown_app_is_a_404(client: Client, app: MetaApp) -> None:
    assert client.post("/webhooks/meta/999/", b"{}", content_type="application/json").status_code == 404
    assert client.get("/webhooks/meta/999/").status_code == 404


def test_a_body_over_10_mib_is_a_413_and_one_of_10_mib_is_kept(client: Client, app: MetaApp) -> None:
    most = 10 * 1024 * 1024
    assert post(client, app, b" " * (most + 1)).status_code == 413
    assert not Delivery.objects.exists()
    assert post(client, app, b" " * most).status_code == 200


def test_what_cannot_be_stored_is_a_503(client: Client, app: MetaApp) -> None:
    with connect_as_owner() as owner, owner.transaction(), connection.cursor() as cursor:
        owner.execute("LOCK TABLE webhooks_delivery")
        cursor.execute("SAVEPOINT locked")
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
        assert post(client, app, b"{}").status_code == 503
        cursor.execute("ROLLBACK TO SAVEPOINT locked")
    assert post(client, app, b"{}").status_code == 200


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=300),
    query=st.binary(max_size=60),
    length=st.sampled_from(["", "0", "-1", "x", "7", "9" * 40]),
)
def test_any_bytes_are_answered_without_a_server_error(app: MetaApp, body: bytes, query: bytes, length: str) -> None:
    for method in ("GET", "POST"):
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": f"/webhooks/meta/{app.app_id}/",
            "QUERY_STRING": query.decode("latin-1"),
            "CONTENT_LENGTH": length,
            "HTTP_X_HUB_SIGNATURE_256": body.decode("latin-1"),
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
        }
        assert bare(environ).status_code < 500


def bare(environ: dict[str, Any]) -> HttpResponse:
    """The answer of the webhook's own handler."""
    handler = BareHandler()
    return handler.get_response(WSGIRequest(environ))  # type: ignore[return-value]
