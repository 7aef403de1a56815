"""A merchant in a browser: opens a link, presses a button, comes back from Meta."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.test import Client
from django.urls import reverse

from onboarding.models import LaunchLink, OnboardingAttempt, new_token
from partners.models import Business
from tests.factories import LaunchLinkFactory


class Merchant:
    """One browser in front of one launch link."""

    def __init__(self, business: Business, **link: Any) -> None:
        self.client = Client()
        self.token = new_token()
        self.link: LaunchLink = LaunchLinkFactory.create(business=business, token=self.token, **link)

    def open(self, **headers: str) -> Any:
        """Look at the launch page."""
        return self.client.get(reverse("connect", args=[self.token]), headers=headers)

    def press(self, slug: str) -> Any:
        """Press a button; redirects are not followed."""
        return self.client.post(reverse("start", args=[self.token, slug]))

    def start(self, slug: str) -> dict[str, str]:
        """Press a button and read the query of Meta's dialog."""
        answer = self.press(slug)
        assert answer.status_code == 302, answer.content.decode()
        return {key: values[0] for key, values in parse_qs(urlsplit(answer["Location"]).query).items()}

    def come_back(self, **query: str) -> Any:
        """Return from Meta."""
        return self.client.get(reverse("return"), query)

    def go_through(self, slug: str, *intents: str) -> Any:
        """Press a button, turn these intents on in the dialog (none: cancel), and come back."""
        form = {"action": "continue" if intents else "cancel", "intent": list(intents)}
        return self.client.get(decide(self.press(slug)["Location"], **form))

    def attempt(self) -> OnboardingAttempt:
        """The newest attempt of the link."""
        return OnboardingAttempt.objects.filter(launch_link=self.link).latest("pk")


def decide(dialog: str, **form: Any) -> str:
    """Press a button of the dialog, and give the address of ours to which Meta sends the browser back."""
    answer = requests.post(dialog, data=form, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"
