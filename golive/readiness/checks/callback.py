"""The check that the callback answers from outside: the portal asks itself, as Meta would, with a wrong token."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from catalogs.safe_addresses import is_public, look_up
from golive.readiness.ground import Ground
from golive.readiness.results import Result, green, red
from mbe.errors import GraphError
from mbe.transport import NoAuthorization, new_session, send
from partners.models import MetaApp
from webhooks.endpoint import own_question

SECONDS = 10.0
_HTTPS_PORT = 443


def callback_url(app: MetaApp) -> str:
    """Where Meta has to send the app's webhooks."""
    return settings.PUBLIC_URL + reverse("meta-webhook", args=[app.app_id])


def callback(ground: Ground, _: str) -> Result:
    """Ask the callback with a wrong verify token: our own endpoint answers 403 and says so."""
    url = callback_url(ground.app)
    is_sandbox = urlsplit(settings.META_GRAPH_URL).scheme == "http"
    step = "" if is_sandbox else _unreachable_for_meta(url)
    if step:
        return red(step, callback=url)
    asked = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": own_question()}
    try:
        answer = send(new_session(), "GET", url, auth=NoAuthorization(), timeout=SECONDS, params=asked)
    except GraphError:
        return red("no_answer", callback=url)
    seen = {"callback": url, "status": answer.status, "sandbox_only": is_sandbox or None}
    is_ours = answer.status == 403 and b"verify token" in answer.body
    return green(**seen) if is_ours else red("wrong_answer", **seen)


def _unreachable_for_meta(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https":
        return "not_https"
    try:
        found = look_up(parts.hostname or "", parts.port or _HTTPS_PORT)
    except OSError:
        return "unknown_host"
    return "" if all(map(is_public, found)) else "local"
