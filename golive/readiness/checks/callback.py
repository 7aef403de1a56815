"""The check that the callback answers from outside: the portal asks itself, as Meta would, with a wrong token."""

from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.urls import reverse

from catalogs.safe_addresses import is_public, look_up
from golive.readiness.ground import Ground
from golive.readiness.results import Result, green, red
from golive.readiness.steps import Step
from mbe.errors import GraphError
from mbe.transport import NoAuthorization, new_session, send
from partners.models import MetaApp
from webhooks.endpoint import own_question

SECONDS = 10.0
_HTTPS_PORT = 443
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def callback_url(app: MetaApp) -> str:
    """Where Meta has to send the app's webhooks."""
    return settings.PUBLIC_URL + reverse("meta-webhook", args=[app.app_id])


def callback(ground: Ground, _: str) -> Result:
    """Ask the callback with a wrong verify token: our own endpoint answers 403 and says so.

    Meta calls public addresses over https only. A sandbox on this machine reaches the portal on this machine, too: that
    is good for a trial, and for nothing else, as the evidence says (`sandbox_only`).
    """
    url = callback_url(ground.app)
    is_of_sandbox = asks_sandbox() and _is_on_this_machine(url)
    step = None if is_of_sandbox else _out_of_reach(urlsplit(url))
    if step is not None:
        return red(step, callback=url)
    asked = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": own_question()}
    try:
        answer = send(new_session(), "GET", url, auth=NoAuthorization(), timeout=SECONDS, params=asked)
    except GraphError as error:
        return red(Step.NO_ANSWER, callback=url, said=str(error).rpartition(": ")[2])
    seen = {"callback": url, "status": answer.status, "sandbox_only": is_of_sandbox or None}
    is_ours = answer.status == 403 and b"verify token" in answer.body
    return green(**seen) if is_ours else red(Step.WRONG_ANSWER, **seen)


def asks_sandbox() -> bool:
    """Whether a sandbox on this machine is asked in Meta's place."""
    return _is_on_this_machine(settings.META_GRAPH_URL)


def _is_on_this_machine(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def _out_of_reach(parts: SplitResult) -> Step | None:
    if parts.scheme != "https":
        return Step.NOT_HTTPS
    try:
        found = look_up(parts.hostname or "", parts.port or _HTTPS_PORT)
    except OSError:
        return Step.UNKNOWN_HOST
    return None if all(map(is_public, found)) else Step.LOCAL_ADDRESS
