"""A redirect to a foreign host is refused in every spelling, by the page itself."""

from urllib.parse import quote

import pytest
from pytest_django import Settings

from partners.models import MetaApp
from tests.factories import EntryPointFactory
from tests.onboarding.merchant import Merchant
from tests.onboarding.starter import Starter

SPELLINGS = {
    "nothing": "",
    "a path": "/fbe/",
    "another host": "https://evil.example/",
    "plain http": "http://www.facebook.com/",
    "userinfo": "https://www.facebook.com@evil.example/",
    "userinfo with a password": "https://www.facebook.com:443@evil.example/",
    "userinfo before Meta": "https://evil@www.facebook.com/",
    "an encoded at sign": "https://www.facebook.com%40evil.example/",
    "a backslash": "https://evil.example\\.facebook.com/",
    "a backslash before an at sign": "https://www.facebook.com\\@evil.example/",
    "backslashes for slashes": "https:\\\\evil.example/",
    "a port": "https://www.facebook.com:8443/",
    "an empty port": "https://www.facebook.com:/",
    "a longer host": "https://www.facebook.com.evil.example/",
    "a host that ends alike": "https://notfacebook.com/",
    "a look-alike": "https://faceb\u043e\u043ek.com/",
    "a look-alike in punycode": "https://xn--facebk-mvbb.com/",
    "the sign for Kelvin": "https://faceboo\u212a.com/",
    "a full-width dot": "https://facebook\uff0ecom/",
    "an ideographic dot": "https://facebook\u3002com/",
    "an encoded dot": "https://facebook%2ecom/",
    "an encoded slash": "https://evil.example%2F.facebook.com/",
    "an encoded null": "https://evil.example%00.facebook.com/",
    "encoded twice": quote("https://www.facebook.com/", safe=""),
    "no protocol": "//evil.example/",
    "no protocol to Meta": "//www.facebook.com/",
    "three slashes": "https:///evil.example/",
    "one slash": "https:/evil.example/",
    "a script": "javascript:alert(1)//www.facebook.com",
    "data": "data:text/html,https://www.facebook.com/",
    "a tab in the host": "https://evil\t.facebook.com/",
    "a tab in the scheme": "ht\ttps://www.facebook.com/",
    "a newline": "https://www.facebook.com/\nLocation: https://evil.example/",
    "a return": "https://www.facebook.com/\r\nSet-Cookie: a=b",
    "a null": "https://www.facebook.com/\x00",
    "a space before": " https://www.facebook.com/",
    "a space behind": "https://www.facebook.com/ ",
    "a trailing dot": "https://www.facebook.com./",
    "Meta in the query": "https://evil.example/?https://www.facebook.com/",
    "Meta in the fragment": "https://evil.example/#.facebook.com",
    "this machine": "http://127.0.0.1/",
    "an address in one number": "https://2130706433/",
    "capitals": "HTTPS://WWW.FACEBOOK.COM.EVIL.EXAMPLE/",
    "a host in its own alphabet": "https://www.facebook.com\u3002evil.example/",
    "a semicolon": "https://www.facebook.com;@evil.example/",
    "a comma": "https://www.facebook.com,evil.example/",
    "an encoded hash": "https://evil.example%23.facebook.com/",
    "an encoded question mark": "https://evil.example%3F.facebook.com/",
    "an encoded backslash": "https://evil.example%5C.facebook.com/",
    "encoded three times": quote(quote("https://evil.example/", safe=""), safe=""),
    "an app's protocol": "intent://www.facebook.com/#Intent;scheme=https;end",
    "a view of the source": "view-source:https://www.facebook.com/",
    "a blob": "blob:https://www.facebook.com/4711",
    "a line separator": "https://www.facebook.com/\u2028",
    "very long": "https://www.facebook.com/?" + "a" * 2000,
    "extras of its own": "https://www.facebook.com/?extras=%7B%7D",
    "extras of its own, encoded": "https://www.facebook.com/?a=1&%65xtras=1",
}


@pytest.fixture
def starter(app: MetaApp, merchant: Merchant) -> Starter:
    """A merchant's browser that holds a launch link; without a sandbox Meta is Meta."""
    EntryPointFactory.create(meta_app=app, slug="book")
    merchant.open()
    return Starter(app, "", merchant.client)


@pytest.fixture(autouse=True)
def real_meta(settings: Settings) -> None:
    """The dialog is Meta's own."""
    settings.META_DIALOG_URL = "https://www.facebook.com/v25.0/dialog/oauth"


def refused(answer: object) -> bool:
    """Whether the page is the refusal, without a link to anywhere else."""
    text = answer.content.decode()  # type: ignore[attr-defined]  # a response
    is_clear = answer.status_code == 400 and "does not lead back to Meta" in text  # type: ignore[attr-defined]
    return is_clear and "evil" not in text and "Location" not in answer  # type: ignore[operator]


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_an_address_that_is_not_metas_is_refused(starter: Starter, spelling: str) -> None:
    assert refused(starter.come(spelling))


def test_without_an_address_or_with_two_it_is_refused(starter: Starter) -> None:
    good = "https://www.facebook.com/a"
    assert refused(starter.get(""))
    assert refused(starter.come(good, good))
    assert refused(starter.come(good, "https://evil.example/"))
    assert refused(starter.come("https://evil.example/", good))


@pytest.mark.parametrize(
    "host", ["www.facebook.com", "m.facebook.com", "www.instagram.com", "business.facebook.com:443"]
)
def test_metas_own_hosts_are_taken(starter: Starter, host: str) -> None:
    answer = starter.press(starter.come(f"https://{host}/fbe/?a=1"), entry_point="book")
    assert answer["Location"].startswith(f"https://{host}/fbe/?a=1&extras=")


@pytest.mark.parametrize("local", ["http://127.0.0.1:9000", "http://localhost:9000"])
def test_a_sandbox_is_taken_on_this_machine_only(starter: Starter, settings: Settings, local: str) -> None:
    settings.META_DIALOG_URL = f"{local}/dialog/oauth"
    assert starter.come(f"{local}/business-app/1/dialog?a=1").status_code == 200
    for other in ("http://127.0.0.1:9001/", f"{local}.evil.example/", f"{local}@evil.example/", f"{local}0/", local):
        assert refused(starter.come(other))
    settings.META_DIALOG_URL = "http://sandbox.evil.example/dialog/oauth"
    settings.DEBUG = False
    assert refused(starter.come("http://sandbox.evil.example/business-app/1/dialog"))


def test_a_state_beside_an_address_vouches_for_nothing(starter: Starter) -> None:
    page = starter.come("https://www.facebook.com/a")
    state = page.context["way"].state
    assert refused(starter.come("https://evil.example/", state=state))
    assert refused(starter.come("https://www.facebook.com/a", "https://evil.example/", state=state))


def test_a_state_signed_before_is_checked_again(starter: Starter, settings: Settings) -> None:
    settings.META_DIALOG_URL = "http://127.0.0.1:9000/dialog/oauth"
    page = starter.come("http://127.0.0.1:9000/business-app/1/dialog?a=1")
    settings.META_DIALOG_URL = "https://www.facebook.com/dialog/oauth"
    assert refused(starter.press(page, entry_point="book"))
