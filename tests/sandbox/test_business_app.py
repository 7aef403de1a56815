"""The business-app flow from Meta's side."""

import json
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.sandbox.driver import APP_ID, Meta, Receiver


def dialog_address(meta: Meta, intent: str = "FB_SERVICES") -> str:
    """The address with which the partner sends a merchant back."""
    extras = parse_qs(urlsplit(meta.dialog_url("salon", "APPOINTMENTS", intent)).query)["extras"][0]
    return f"{meta.url}/business-app/{APP_ID}/dialog?app_id={APP_ID}&{urlencode({'extras': extras})}"


def test_the_start_page_leads_to_the_auth_url_with_an_address_of_the_dialog(meta: Meta) -> None:
    address = f"{meta.url}/business-app/{APP_ID}"
    assert "no-auth-url" in meta.session.get(address, timeout=10).text
    meta.add_app(callback_url="http://127.0.0.1:9/webhooks/meta/1/")
    text = meta.session.get(address, timeout=10).text
    assert f'action="http://127.0.0.1:9/connect/business-app/{APP_ID}/"' in text
    assert f"{meta.url}/business-app/{APP_ID}/dialog?app_id={APP_ID}&amp;" in text
    meta.add_app(auth_url="https://portal.example/auth/")
    assert 'action="https://portal.example/auth/"' in meta.session.get(address, timeout=10).text


def test_the_token_comes_with_the_webhook_only(meta: Meta, heard: Receiver) -> None:
    answer = meta.session.post(
        dialog_address(meta), data={"action": "continue", "intent": "FB_SERVICES"}, allow_redirects=False, timeout=10
    )
    assert (answer.status_code, "business-app-done" in answer.text) == (200, True)
    (value,) = heard.values(1)
    assert value["business_id"] == "salon"
    assert meta.features("salon", value["access_token"])
    assert value["access_token"] not in answer.text


def test_who_cancels_changes_nothing(meta: Meta) -> None:
    answer = meta.session.post(dialog_address(meta), data={"action": "cancel"}, allow_redirects=False, timeout=10)
    assert (answer.status_code, "business-app-cancelled" in answer.text) == (200, True)
    assert meta.state()["connections"] == []


def test_extras_must_come_once_and_be_right(meta: Meta) -> None:
    good = dialog_address(meta)
    bad = json.dumps({"setup": {}})
    assert meta.session.get(good, timeout=10).status_code == 200
    for address in (
        good.partition("&extras=")[0],
        f"{good}&extras=%7B%7D",
        f"{good.partition('&extras=')[0]}&{urlencode({'extras': bad})}",
        good.replace(APP_ID, "4711"),
    ):
        assert meta.session.get(address, timeout=10).status_code == 400
