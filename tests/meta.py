"""The sandbox Meta as tests turn it: connect, change, break, look."""

from typing import Any

import requests

from features.hints import installation_of, mark_dirty
from features.models import Cause, Installation
from features.tokens import ReceivedToken, keep
from partners.models import MetaApp
from partners.tenancy import tenant
from sandbox.connecting import EVERY_SCOPE
from sandbox.server import RunningSandbox
from tests.factories import BusinessFactory

# What a login gives that goes without the dialog.
SCOPES = tuple(EVERY_SCOPE)


class Meta:
    """A sandbox that knows one app."""

    def __init__(self, sandbox: RunningSandbox, app: MetaApp) -> None:
        self.url = sandbox.url
        self.app = app
        self._call("post", "apps", app_id=app.app_id, app_secret=app.secret, name=app.name, features=app.features)

    def connect(self, external_id: str, *features: str, pages: int = 1, **more: Any) -> str:
        """Install features there without the dialog; gives back a login token."""
        wish = {"app_id": self.app.app_id, "external_business_id": external_id, "features": features, "pages": pages}
        wish |= more
        return str(self._call("post", "connections", **wish)["access_token"])

    def register(self, **values: str) -> dict[str, Any]:
        """Change what the app's dashboard says, a callback or a verify token, and tell how Meta's verification went."""
        answer = self._call("post", "apps", app_id=self.app.app_id, **values)
        return dict(answer["verification"])

    def speak(self, version: str) -> None:
        """Let all connections of the app answer in this version, "v2" or "v3", from now on."""
        self._call("post", "apps", app_id=self.app.app_id, mbe_version=version)

    def connect_many(self, count: int, *features: str, prefix: str = "biz-") -> dict[str, str]:
        """So many connections at once; their system user tokens, by external business id."""
        wish = {"app_id": self.app.app_id, "count": count, "prefix": prefix, "features": features, "brief": True}
        made = self._call("post", "connections", **wish, token_kind="SYSTEM_USER")
        return {each["external_business_id"]: each["access_token"] for each in made}

    def change(self, external_id: str, **wish: Any) -> None:
        """Change what is installed there, without a webhook."""
        self._call("patch", f"connections/{external_id}", send_webhook=False, **wish)

    def fail(self, kind: str, **fault: Any) -> None:
        """Let the next Graph call fail in this way."""
        self._call("put", "knobs", graph={"fail_next": [{"kind": kind, **fault}]})

    def turn(self, **graph_knobs: Any) -> None:
        """Turn the Graph knobs."""
        self._call("put", "knobs", graph=graph_knobs)

    def turn_subscriptions(self, **knobs: Any) -> None:
        """Turn the knobs of the app's subscriptions."""
        self._call("put", "knobs", subscriptions=knobs)

    def turn_webhooks(self, **knobs: Any) -> None:
        """Turn the knobs of webhooks."""
        self._call("put", "knobs", webhooks=knobs)

    def turn_catalog(self, **catalog_knobs: Any) -> None:
        """Turn the knobs of catalogs."""
        self._call("put", "knobs", catalog=catalog_knobs)

    def counters(self) -> dict[str, Any]:
        """Everything the sandbox counted and holds."""
        return dict(requests.get(f"{self.url}/sandbox/api/state", timeout=10).json())

    def calls(self, kind: str = "installs") -> int:
        """How many Graph calls of this kind came, batched ones too."""
        return int(self.counters()["operations"].get(kind, 0))

    def installation(self, external_id: str, *features: str, pages: int = 1) -> Installation:
        """A business of ours that is connected there: with its token, and due for a sync."""
        token = self.connect(external_id, *features, pages=pages)
        business = BusinessFactory.create(partner=self.app.partner, external_business_id=external_id)
        installation = installation_of(self.app, business)
        keep([ReceivedToken(installation, token, scopes=SCOPES)])
        hint(installation, Cause.RETURN)
        return installation

    def _call(self, method: str, path: str, **body: Any) -> Any:
        answer = requests.request(method, f"{self.url}/sandbox/api/{path}", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()


def hint(installation: Installation, cause: Cause = Cause.WEBHOOK, *, says_uninstall: bool = False) -> None:
    """Mark one installation dirty."""
    with tenant(installation.partner_id):
        uninstalled = [installation.pk] if says_uninstall else []
        mark_dirty(Installation.objects.filter(pk=installation.pk), cause, uninstalled=uninstalled)
