"""Merchants who go to Meta from a rollout's button, either way in, and do one thing there."""

from urllib.parse import urlsplit

import requests

from tests.onboarding.merchant import Merchant
from tests.onboarding.starter import Starter, return_to


def drive(merchant: Merchant, action: str, *intents: str) -> None:
    """Look at the page, press the button, look at Meta's dialog, end it so, and come back.

    Actions: `look` (at the page only), `leave` (the dialog open), and what the dialog offers.
    """
    merchant.open()
    if action == "look":
        return
    answer = _at_meta(merchant.press("go")["Location"], action, intents)
    if answer is not None:
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        merchant.client.get(f"{back.path}?{back.query}")


def drive_from_meta(starter: Starter, launch_token: str, action: str, *intents: str) -> None:
    """Start at Meta, sign in with the partner, choose here, and end the dialog so; nobody comes back from there."""
    landed = starter.follow(return_to(starter.come()), launch_token=launch_token)
    page = starter.follow(landed["Location"])
    if action == "look":
        return
    answer = _at_meta(starter.press(page, entry_point="go")["Location"], action, intents)
    assert answer is None or answer.status_code == 200, answer.text


def _at_meta(dialog: str, action: str, intents: tuple[str, ...]) -> requests.Response | None:
    assert requests.get(dialog, timeout=10).status_code == 200
    if action == "leave":
        return None
    form = {"action": action, "intent": list(intents)}
    return requests.post(dialog, form, allow_redirects=False, timeout=10)
