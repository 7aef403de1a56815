"""How the tests talk to a sandbox, and the app that its webhooks reach."""

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

Json = dict[str, Any]
APP_ID, APP_SECRET, VERIFY_TOKEN = "111000111", "app-secret", "verify-me"
REDIRECT_URI = "https://portal.example/return/"


Found = TypeVar("Found")


def eventually(look: Callable[[], Found], seconds: float = 5.0) -> Found:
    """The first true answer of `look` within that time, or its last."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.01)
    return found


class Meta:
    """A client of one sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API."""
        answer = self.session.request(method, f"{self.url}/sandbox/api/{path}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def add_app(self, **fields: Any) -> Json:
        """Make or update the standing app."""
        given = {"app_id": APP_ID, "app_secret": APP_SECRET, "name": "Bookly", "verify_token": VERIFY_TOKEN}
        return dict(self.control("POST", "apps", given | fields))

    def connect(self, external_business_id: str, *features: str, **more: Any) -> Json:
        """Connect a business without the dialog."""
        body = {"app_id": APP_ID, "external_business_id": external_business_id, "features": list(features)}
        return dict(self.control("POST", "connections", body | more))

    def knobs(self, **groups: Json) -> None:
        """Turn knobs."""
        self.control("PUT", "knobs", groups)

    def graph(self, method: str, path: str, token: str = "", **params: Any) -> requests.Response:
        """One Graph call; what a POST sends goes into its body."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body, query = (params, None) if method == "POST" else (None, params)
        url = f"{self.url}/v25.0/{path}"
        return self.session.request(method, url, headers=headers, timeout=10, data=body, params=query)

    def installs(self, name: str, token: str) -> requests.Response:
        """The installs API."""
        return self.graph("GET", "fbe_business/fbe_installs", token, fbe_external_business_id=name)

    def features(self, name: str, token: str) -> list[str]:
        """The installed types, sorted."""
        data = self.installs(name, token).json()["data"]
        return sorted(one["feature_type"] for model in data for one in model["installed_features"])

    def state(self, **narrow: str) -> Json:
        """What the sandbox knows."""
        return dict(self.control("GET", f"state?{urlencode(narrow)}"))

    def dialog_url(self, name: str = "salon", vertical: str = "APPOINTMENTS", intent: str = "", **more: Any) -> str:
        """A login link. `setup`, `extras` and `query` in `more` override; None leaves a key out."""
        setup = {
            "external_business_id": name,
            "timezone": "Asia/Hong_Kong",
            "currency": "HKD",
            "business_vertical": vertical,
            "intent": intent or None,
            "domain": "https://salon.example",
            "flow_config": {"use_minimal_onboarding": more.get("minimal", True)},
        }
        config = {"business": {"name": "Salon"}, "page_cta": {"enabled": True, "cta_button_text": "Book Now"}}
        extras = {"setup": _without_none(setup | more.get("setup", {})), "business_config": config, "repeat": False}
        query = {
            "client_id": APP_ID,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": "manage_business_extension,instagram_basic",
            "state": "st4te",
            "extras": json.dumps(_without_none(extras | more.get("extras", {}))),
        }
        return f"{self.url}/v25.0/dialog/oauth?{urlencode(_without_none(query | more.get('query', {})))}"

    def choose(self, url: str, *intents: str, **fields: Any) -> requests.Response:
        """Press Continue with these intents; redirects are not followed."""
        form = {"action": "continue", "intent": list(intents)} | fields
        return self.session.post(url, data=form, allow_redirects=False, timeout=10)

    def login(self, url: str, *intents: str, **fields: Any) -> str:
        """The whole login; gives the token."""
        code = returned(self.choose(url, *intents, **fields))["code"]
        return str(self.exchange(code).json()["access_token"])

    def exchange(self, code: str, **more: str) -> requests.Response:
        """The code exchange."""
        params = {"client_id": APP_ID, "client_secret": APP_SECRET, "redirect_uri": REDIRECT_URI, "code": code}
        return self.graph("GET", "oauth/access_token", **(params | more))


def returned(answer: requests.Response) -> dict[str, str]:
    """The query of a redirect back to the app."""
    assert answer.status_code == 302, answer.text
    location = answer.headers["Location"]
    assert location.startswith(REDIRECT_URI) and location.endswith("#_=_")
    return {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}


def _without_none(given: Json) -> Json:
    return {key: value for key, value in given.items() if value is not None}


class Receiver:
    """An app's webhook endpoint: keeps what comes, answers with `statuses` one after the other, then 200."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.signatures: list[str | None] = []
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                is_right = query["hub.verify_token"] == [VERIFY_TOKEN]
                self.reply(200 if is_right else 403, query["hub.challenge"][0].encode())

            def do_POST(self) -> None:
                receiver.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.signatures.append(self.headers["X-Hub-Signature-256"])
                self.reply(receiver.statuses.pop(0) if receiver.statuses else 200, b"")

            def reply(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/"
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Receive nothing any more."""
        self._server.shutdown()
        self._server.server_close()

    def payloads(self, count: int) -> list[Any]:
        """At least that many bodies, parsed, once they are there."""
        assert eventually(lambda: len(self.bodies) >= count), f"{len(self.bodies)} bodies"
        return [json.loads(body) for body in self.bodies]

    def values(self, count: int) -> list[Json]:
        """The values of at least that many fbe_install notices."""
        assert eventually(lambda: len(self._installs()) >= count), f"{len(self._installs())} notices"
        return self._installs()

    def _installs(self) -> list[Json]:
        entries = [entry for body in list(self.bodies) for entry in json.loads(body).get("entry", [])]
        changes = [change for entry in entries for change in entry["changes"]]
        return [change["value"] for change in changes if change["field"] == "fbe_install"]
