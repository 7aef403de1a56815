"""Merchants and Meta: launch links, returns, webhooks and syncs, good ones and all that can go wrong with them."""

import json
import os
import signal
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from config.management.commands.seed_demo import APP_ID
from tests.canary.ground import SALON, Ground
from tests.canary.visitor import Visitor
from tests.waiting import eventually

FAULTS_FOR_A_COMMAND = ("echo", "echo_page", "slow", "html_error")
FAULTS_FOR_THE_WORKER = ("server_error", "permission", "truncated", "error_with_200", "echo", "echo_page", "slow")


def drive_merchants(ground: Ground) -> str:
    """Go all the ways of a launch link; give its token."""
    token = ground.know("launch link's token", _token_in(ground.command("launch_link", "demo", SALON)))
    merchant = ground.visitor("merchant")
    assert merchant.get(f"/connect/{token}/").status_code == 200
    assert merchant.post(f"/connect/{token}/no-such-button/", on=f"/connect/{token}/").status_code == 404
    back = _through_dialog(ground, merchant, token)
    assert merchant.get("/return/", **back).status_code == 200
    assert merchant.get("/return/", **back).status_code == 400
    assert ground.visitor("stranger").get("/return/", **back).status_code == 400
    for cookie in merchant.session.cookies:
        if cookie.name not in ("csrftoken", "django_language"):
            ground.canaries.add(f"cookie {cookie.name} of the merchant", cookie.value or "")
    assert merchant.get("/return/", **_through_dialog(ground, merchant, token, action="cancel")).status_code == 200
    _failed_returns(ground, merchant, token)
    unknown = ground.new("a launch link's token with a slip")
    assert ground.visitor("somebody").get(f"/connect/{unknown}/").status_code == 404
    return token


def drive_webhooks(ground: Ground) -> None:
    """Knock as Meta does: signed, with the previous secret, wrongly, unreadably, in a batch, about somebody unknown."""
    told = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": ground.new("wrong verify token")}
    meta = ground.visitor("Meta")
    path = f"/webhooks/meta/{APP_ID}/"
    assert meta.get(path, **told).status_code == 403
    assert meta.get(path, **{**told, "hub.verify_token": ground.verify_token}).status_code == 200
    plain, looks_like_one = ground.new("token in a webhook"), ground.new("Meta's token in a webhook", "EAA")
    assert ground.webhook(_notice(SALON, looks_like_one)) == 200
    assert ground.webhook(_notice(SALON, ground.new("token with the previous secret")), ground.previous) == 200
    assert ground.webhook(_notice(SALON, ground.new("token with a bad signature")), "wrong") == 403
    assert ground.webhook(_notice(SALON, ground.new("token for an unknown app")), app_id="77") == 404
    unreadable = ground.new("token in an unreadable webhook")
    assert ground.webhook(f'{{"access_token": "{unreadable}", "entry": [{{'.encode()) == 200
    assert ground.webhook(f"access_token={unreadable}&code={unreadable}".encode()) == 200
    assert ground.webhook(_notice("nobody-knows", ground.new("token of an unknown business"))) == 200
    batch = json.loads(_notice(SALON, ground.new("first token of a batch")))
    batch["entry"] += json.loads(_notice("other-unknown", plain))["entry"]
    assert ground.webhook(json.dumps(batch).encode()) == 200
    assert (
        ground.webhook(json.dumps({"object": looks_like_one, "entry": [{"changes": looks_like_one}]}).encode()) == 200
    )
    eventually(lambda: not ground.stack.sql("SELECT 1 FROM webhooks_delivery WHERE status = 'received'"))


def drive_faults(ground: Ground, token: str) -> None:
    """Sync while Meta fails, and while tables are away; the worker, a command and the pages all stumble."""
    for kind in FAULTS_FOR_A_COMMAND:
        _fault(ground, kind, "installs", 2)
        ground.command("sync", "demo", SALON)
    for kind in FAULTS_FOR_THE_WORKER:
        _fault(ground, kind, "installs" if kind != "permission" else "configuration")
        assert ground.webhook(_notice(SALON, _newest_token(ground))) == 200
        eventually(lambda: not ground.stack.sandbox("get", "knobs")["graph"]["fail_next"], within=20)
    _kill_sandbox(ground)
    ground.command("sync", "demo", SALON)
    eventually(lambda: _is_up(ground))
    _missing_tables(ground, token)
    for kind in ("rate_limit_user", "dead_token"):
        _fault(ground, kind, "installs")
        ground.command("sync", "demo", SALON)
    assert ground.command("show_business", "demo", SALON)


def _missing_tables(ground: Ground, token: str) -> None:
    merchant = ground.visitor("merchant of a broken portal")
    back = _through_dialog(ground, merchant, token)
    with ground.without("features_accesstoken"):
        assert merchant.get("/return/", **back).status_code == 500
        assert ground.webhook(_notice(SALON, ground.new("token that finds no table"))) == 200
        broken = "SELECT 1 FROM webhooks_delivery WHERE status = 'failed'"
        eventually(lambda: ground.stack.sql(broken))
    with ground.without("onboarding_launchlink"):
        assert merchant.get(f"/connect/{token}/").status_code == 500
    with ground.without("onboarding_onboardingattempt"):
        assert merchant.get("/return/", **back).status_code == 500
        assert merchant.post(f"/connect/{token}/book-on-facebook/", on=f"/connect/{token}/").status_code == 500
    with ground.without("webhooks_delivery"):
        assert ground.webhook(_notice(SALON, ground.new("token that is not stored"))) == 503


def _failed_returns(ground: Ground, merchant: Visitor, token: str) -> None:
    for kind in ("echo", "echo_page", "slow"):
        back = _through_dialog(ground, merchant, token)
        _fault(ground, kind, "token")
        assert merchant.get("/return/", **back).status_code == 200
    back = _through_dialog(ground, merchant, token)
    _kill_sandbox(ground)
    assert merchant.get("/return/", **back).status_code == 200
    eventually(lambda: _is_up(ground))
    state = _through_dialog(ground, merchant, token, action="cancel")["state"]
    code, of_meta = ground.new("code in Meta's words", "AQ"), ground.new("token in Meta's words", "EAA")
    words = f"The code {code} gave no access_token={of_meta} at https://graph.facebook.com/?code={code}"
    assert merchant.get("/return/", state=state, error_code="100", error_message=words).status_code == 200


def _through_dialog(ground: Ground, merchant: Visitor, token: str, action: str = "continue") -> dict[str, str]:
    """Press a button, choose in the dialog; give what Meta sends back with the merchant."""
    page = f"/connect/{token}/"
    leaving = merchant.post(f"{page}book-on-facebook/", on=page, follow=False)
    assert leaving.status_code == 302
    dialog = leaving.headers["Location"]
    form = {"action": action, "intent": ["FB_SERVICES"]}
    answer = requests.post(dialog, data=form, allow_redirects=False, timeout=10)
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    for name in {"code", "state"} & set(query):
        ground.know(f"OAuth {name}", query[name][0])
    return {name: values[0] for name, values in query.items()}


def _notice(external_id: str, token: str) -> bytes:
    value = {"business_id": external_id, "access_token": token, "fbe_event": "INSTALL"}
    entry = {"id": "1", "time": int(time.time()), "changes": [{"field": "fbe_install", "value": value}]}
    return json.dumps({"object": "user", "entry": [entry]}).encode()


def _newest_token(ground: Ground) -> str:
    wish: dict[str, Any] = {"app_id": APP_ID, "external_business_id": SALON, "features": [], "send_webhook": False}
    return ground.know("login token", ground.stack.sandbox("post", "connections", **wish)["access_token"])


def _fault(ground: Ground, kind: str, path: str, count: int = 1) -> None:
    ground.stack.knobs(graph={"fail_next": [{"kind": kind, "path": path, "count": count, "seconds": 2.0}]})


def _kill_sandbox(ground: Ground) -> None:
    os.kill(ground.stack.pids("sandbox")[0], signal.SIGKILL)


def _is_up(ground: Ground) -> bool:
    try:
        return requests.get(f"{ground.stack.sandbox_url}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def _token_in(address: str) -> str:
    return address.split()[-1].rstrip("/").rpartition("/")[2]
