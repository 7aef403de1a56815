"""A merchant who starts at Meta: opens the auth URL there, chooses with us, goes on at Meta."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from django.test import Client
from django.urls import reverse

from partners.models import MetaApp


class Starter:
    """One browser, with the app that it starts from at Meta."""

    def __init__(self, app: MetaApp, meta_url: str, client: Client | None = None) -> None:
        self.app = app
        self.client = client or Client()
        self.dialog = f"{meta_url}/business-app/{app.app_id}/dialog?app_id={app.app_id}&page_id=1"

    def come(self, *redirect_uris: str, **query: str) -> Any:
        """Arrive from Meta with these addresses to go back to; its own dialog where none is named."""
        pairs = [("redirect_uri", each) for each in redirect_uris or (self.dialog,)]
        return self.get(urlencode([*pairs, *query.items()]))

    def get(self, query: str) -> Any:
        """Open the auth URL."""
        return self.client.get(f"{reverse('business-app', args=[self.app.app_id])}?{query}")

    def follow(self, address: str, **more: str) -> Any:
        """Open an address of ours that a page or a partner named."""
        parts = urlsplit(address)
        return self.client.get(f"{parts.path}?{parts.query}" + (f"&{urlencode(more)}" if more else ""))

    def press(self, page: Any, **form: str) -> Any:
        """Press a button of the page."""
        parts = urlsplit(page.context["way"].address)
        shown = {"business": page.context["page"].external_business_id}
        return self.client.post(f"{parts.path}?{parts.query}", shown | form)


def finish(answer: Any, *intents: str) -> requests.Response:
    """Go through Meta's dialog with these intents on (none: cancel)."""
    assert answer.status_code == 302, answer.content.decode()
    form = {"action": "continue" if intents else "cancel", "intent": list(intents)}
    return requests.post(answer["Location"], data=form, allow_redirects=False, timeout=10)


def return_to(answer: Any) -> str:
    """The address in the redirect to the partner's sign-in page."""
    location: str = answer["Location"]
    return parse_qs(urlsplit(location).query)["return_to"][0]
