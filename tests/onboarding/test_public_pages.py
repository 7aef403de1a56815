"""What anybody can reach: the front page, the languages, the error pages, and any bytes at all."""

from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.template.loader import render_to_string
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from partners.models import MetaApp
from tests.factories import EntryPointFactory
from tests.onboarding.merchant import Merchant

many = hypothesis_settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
RETURN_KEYS = ("state", "code", "error", "error_reason", "error_description", "error_code", "error_message", "x")
NASTY = [b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"%", b"%zz", b"%00", b"a" * 5000, "\u202e".encode(), b"../..", b"\r\n"]


def _get(path: bytes = b"/return/", query: bytes = b"", cookies: str = "") -> int:
    """The status for raw bytes, as a web server hands them on."""
    client = Client(raise_request_exception=False)
    environ: dict[str, Any] = {"QUERY_STRING": query.decode("latin1"), "HTTP_COOKIE": cookies}
    return int(client.generic("GET", "/", PATH_INFO=path.decode("latin1"), **environ).status_code)


def test_the_front_page_says_what_this_is_and_leads_to_the_sign_in() -> None:
    page = Client().get("/").content.decode()
    assert "Meta Business Extension" in page
    assert 'href="/admin/"' in page


@pytest.mark.parametrize("language", ["zh-HK", "zh-TW", "zh", "zh-Hant", "zh-Hant-TW", "zh-MO,en;q=0.5"])
def test_chinese_browsers_get_traditional_chinese(language: str) -> None:
    page = Client().get("/", headers={"accept-language": language}).content.decode()
    assert '<html lang="zh-hant">' in page
    assert "商家連接平台" in page


def test_the_language_can_be_switched_and_stays() -> None:
    client = Client()
    response = client.post("/language/", {"language": "zh-hant", "next": "/"})
    assert response["Location"] == "/"
    assert '<html lang="zh-hant">' in client.get("/").content.decode()


@pytest.mark.parametrize("template", ["400.html", "403.html", "404.html", "410.html", "500.html"])
def test_an_error_page_needs_no_request(template: str) -> None:
    assert "<h1>" in render_to_string(template)


def test_the_404_page_is_ours(db: None) -> None:
    response = Client().get("/nothing/here/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


def test_a_request_that_cannot_be_read_gets_our_page() -> None:
    response = Client().get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert "We could not read this request" in response.content.decode()


@many
@given(st.dictionaries(st.sampled_from(RETURN_KEYS), st.one_of(st.binary(max_size=60), st.sampled_from(NASTY))))
def test_any_query_of_the_return_is_refused_not_broken(db: None, query: dict[str, bytes]) -> None:
    encoded = "&".join(f"{key}={quote_from_bytes(value)}" for key, value in query.items())
    assert _get(query=encoded.encode()) == 400


@many
@given(st.binary(max_size=200))
def test_any_raw_bytes_as_query_are_refused_not_broken(db: None, query: bytes) -> None:
    assert _get(query=query) == 400


@many
@given(st.binary(max_size=60))
def test_any_path_below_connect_is_not_found_not_broken(db: None, path: bytes) -> None:
    for whole in (b"/connect/" + path + b"/", b"/connect/result/" + path + b"/", b"/connect/x/" + path + b"/again/"):
        assert _get(whole) < 500


@pytest.mark.parametrize("nasty", NASTY)
def test_nasty_tokens_and_cookies_are_not_found(db: None, nasty: bytes) -> None:
    assert _get(b"/connect/" + nasty + b"/") == 404
    value = f"\\000\\377{nasty.decode('latin1')}"
    cookies = "; ".join(f'{name}="{value}"' for name in ("browser", "launch_link", "time_zone"))
    assert _get(cookies=cookies) == 400
    assert _get(b"/", cookies=cookies + '; django_language="\\000"; csrftoken="\\000"') == 200


def test_more_query_fields_than_django_takes_are_a_bad_request(db: None) -> None:
    assert _get(query=b"&".join(b"a=1" for _ in range(2000))) == 400


@many
@given(st.sampled_from(RETURN_KEYS[1:]), st.one_of(st.binary(min_size=1, max_size=60), st.sampled_from(NASTY)))
def test_whatever_meta_says_of_a_known_state_is_kept(app: MetaApp, merchant: Merchant, key: str, value: bytes) -> None:
    state = merchant.start(EntryPointFactory.create(meta_app=app).slug)["state"]
    response = merchant.client.get(f"/return/?state={state}&{key}={quote_from_bytes(value)}")
    assert response.status_code == 302
    assert merchant.client.get(response["Location"]).status_code == 200
