"""The floor of the acknowledgement: a bare Django view that verifies the signature and inserts one row with raw SQL."""

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

from mbe.signature import is_valid
from tests.bench.notices import APP_SECRET

INSERT = "INSERT INTO bench_floor (received_at, body, size) VALUES (statement_timestamp(), %s, %s)"


def receive(request: HttpRequest, app_id: str) -> HttpResponse:
    """Verify and insert, in a transaction of its own."""
    body = request.body
    if not is_valid(body, request.headers.get("X-Hub-Signature-256"), APP_SECRET):
        return HttpResponse("wrong signature", status=403)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [body, len(body)])
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Answer whoever waits for the server."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [path("webhooks/meta/<str:app_id>/", receive), re_path("", ready)]
application = get_wsgi_application()
