"""The endpoint `/webhooks/meta/<app_id>/`."""

import logging

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from partners.encryption import UnknownKey
from webhooks import endpoint, page_notices

logger = logging.getLogger(__name__)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def meta(request: HttpRequest, app_id: str) -> HttpResponse:
    """Answer the handshake (GET) or take a delivery (POST); 503 when it cannot be verified or stored now."""
    try:
        app = endpoint.find_app(app_id)
        if app is None:
            return _answer(404, "unknown app")
        return _verify(request, app_id, app) if request.method == "GET" else _receive(request, app_id, app)
    except DatabaseError as error:
        logger.error("webhook of app %s not stored: %s", app_id, type(error).__name__)
        return _answer(503, "try again later")
    except UnknownKey as error:
        logger.error("webhook of app %s not verified: %s", app_id, error)
        return _answer(503, "try again later")


def _verify(request: HttpRequest, app_id: str, app: endpoint.KnownApp) -> HttpResponse:
    if request.GET.get("hub.mode") != "subscribe" or "hub.challenge" not in request.GET:
        return _answer(400, "no verification request")
    token = request.GET.get("hub.verify_token", "")
    if not endpoint.is_verify_token(app_id, token):
        if not endpoint.is_own_question(token):
            endpoint.count_refusal(app, "verify token")
        return _answer(403, "wrong verify token")
    endpoint.note_handshake(app, token)
    return _answer(200, request.GET["hub.challenge"])


def _receive(request: HttpRequest, app_id: str, app: endpoint.KnownApp) -> HttpResponse:
    try:
        body = _read(request)
    except (ValueError, OSError):
        return _answer(400, "unreadable request")
    if body is None:
        return _answer(413, "body over 10 MiB")
    if not endpoint.is_signed(app_id, body, request.META.get("HTTP_X_HUB_SIGNATURE_256")):
        endpoint.count_refusal(app, "signature")
        return _answer(403, "wrong signature")
    if not page_notices.are_counted(app, body):
        endpoint.store(app, body)
    return _answer(200, "ok")


def _read(request: HttpRequest) -> bytes | None:
    """The raw body, None for one that is too large; ValueError or OSError when it cannot be read."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > endpoint.MOST_BYTES:
        return None
    # Django reads no further than a stated length; a chunked body has none, and the server marks its end.
    is_chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    stream = request.META["wsgi.input"] if is_chunked else request
    body: bytes = stream.read(endpoint.MOST_BYTES + 1)
    return body if len(body) <= endpoint.MOST_BYTES else None


def _answer(status: int, text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
    response["X-Content-Type-Options"] = "nosniff"
    return response
