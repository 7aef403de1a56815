"""To which addresses a browser may be sent as to Meta's."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbe.hosts import META_DOMAINS, is_meta_url


@pytest.mark.parametrize("domain", META_DOMAINS)
@pytest.mark.parametrize(
    "form", ["https://{}", "https://{}/", "https://www.{}/a/b?c=d&e=https%3A%2F%2Fx#f", "https://m.{}:443/"]
)
def test_metas_addresses_are_taken(domain: str, form: str) -> None:
    assert is_meta_url(form.format(domain))


def test_upper_case_is_the_same_host() -> None:
    assert is_meta_url("HTTPS://Business.Facebook.COM/latest?asset_id=1")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/dialog",
        "//facebook.com/",
        "//evil.example/",
        "http://www.facebook.com/",
        "ftp://facebook.com/",
        "javascript:alert(1)//facebook.com",
        "data:text/html,https://facebook.com",
        "https:facebook.com",
        "https:/facebook.com",
        "https:///facebook.com",
        "https:\\\\evil.example",
        "https:\\\\facebook.com",
        "https://evil.example\\.facebook.com/",
        "https://facebook.com\\@evil.example/",
        "https://facebook.com\\evil",
        "https://facebook.com.evil.example/",
        "https://notfacebook.com/",
        "https://evil-facebook.com/",
        "https://facebook.co/",
        "https://facebook.comm/",
        "https://evil.example/facebook.com",
        "https://evil.example?.facebook.com",
        "https://evil.example#.facebook.com",
        "https://facebook.com@evil.example/",
        "https://facebook.com:pass@evil.example/",
        "https://user@facebook.com/",
        "https://:@facebook.com/",
        "https://@facebook.com/",
        "https://evil.example%2F.facebook.com/",
        "https://evil.example%00.facebook.com/",
        "https://facebook.com%2eevil.example/",
        "https://facebook%2ecom/",
        "https://facebook.com:8443/",
        "https://facebook.com:80/",
        "https://facebook.com:0443/",
        "https://facebook.com:/",
        "https://facebook.com./",
        "https://facebook.com..evil.example/",
        "https://.facebook.com/",
        "https://www..facebook.com/",
        "https://-.facebook.com/",
        "https://a_b.facebook.com/",
        "https://[::1].facebook.com/",
        "https://[facebook.com]/",
        "https://faceb\u043e\u043ek.com/",
        "https://xn--facebk-mvbb.com/",
        "https://\u212aacebook.com/",
        "https://faceboo\u212a.com/",
        "https://in\u017ftagram.com/",
        "https://facebook\uff0ecom/",
        "https://facebook\u3002com/",
        "https://evil.example\uff0f.facebook.com/",
        "https://www\u00ad.facebook.com/",
        "https://facebook.com/\u202e",
        " https://facebook.com/",
        "https://facebook.com/ ",
        "https://facebook.com/\n",
        "https://facebook.com\n",
        "\thttps://facebook.com/",
        "ht\ttps://facebook.com/",
        "https://face\tbook.com/",
        "https://evil.example\t.facebook.com/",
        "https://facebook.com/\r\nSet-Cookie: a=b",
        "https://facebook.com/\x00",
        "https://facebook.com/a b",
        "https://facebook.com\x0b.evil.example/",
        "https://127.0.0.1/",
        "https://fb.com.evil.example/",
        "https://" + "a." * 9 + "facebook.com/",
        "https://" + "a" * 64 + ".facebook.com/",
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    assert not is_meta_url(url)


_FOREIGN = "?u=https%3A%2F%2Fevil.example%2F&h=AT0"


@pytest.mark.parametrize("domain", META_DOMAINS)
@pytest.mark.parametrize("host", ["l.{}", "lm.{}", "L.{}", "l.{}:443", "l.m.{}", "www.l.{}", "lm.beta.{}"])
@pytest.mark.parametrize("path", ["/l.php", "/", "", "/dialog/x"])
def test_a_host_that_leads_on_elsewhere_is_refused(domain: str, host: str, path: str) -> None:
    assert not is_meta_url(f"https://{host.format(domain)}{path}{_FOREIGN}")


@pytest.mark.parametrize("host", ["facebook.com", "www.facebook.com", "M.Facebook.COM:443", "www.instagram.com"])
@pytest.mark.parametrize(
    "path",
    [
        "/l.php",
        "/L.PHP",
        "/l.php/",
        "/l.php;a=b",
        "//l.php",
        "/./l.php",
        "/x/../l.php",
        "/%2e/l.php",
        "/x/%2E%2e/l.php",
        "/%6c.php",
        "/l%2Ephp",
        "/l%252ephp",
        "/%25256c.php",
        "/x%2Fl.php",
        "/x%5cl.php",
        "/;l.php",
        "/l.php%00",
        "/l.php%20",
        "/l.php.",
        "/index.php/l.php",
        "/linkshim/",
        "/linkshim",
        "/flx/warn/",
        "/flx/warn",
        "/FLX//warn/",
        "/flx/./warn/",
        "/flx%2Fwarn/",
        "/%66lx/%77arn/",
    ],
)
def test_a_path_that_leads_on_elsewhere_is_refused(host: str, path: str) -> None:
    assert not is_meta_url(f"https://{host}{path}{_FOREIGN}")
    assert not is_meta_url(f"https://{host}{path}#{_FOREIGN}")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.facebook.com/business-login/?app_id=1&app_name=l.php&page_id=2",
        "https://www.facebook.com/dialog?next=/l.php",
        "https://www.facebook.com/dialog#/flx/warn/",
        "https://www.facebook.com/html.php",
        "https://www.facebook.com/l.phpx",
        "https://www.facebook.com/flxible",
        "https://www.facebook.com/linkshim-help",
        "https://business.facebook.com/l/php",
        "https://html.facebook.com/",
        "https://l-m.facebook.com/",
        "https://www.facebook.com/100%",
    ],
)
def test_what_only_looks_like_one_that_leads_on_is_taken(url: str) -> None:
    assert is_meta_url(url)


_PIECES = st.sampled_from(
    [
        *"/\\@:.?#%[]- \t\n",
        "https:",
        "http:",
        "//",
        "www.",
        "evil.example",
        "443",
        "8443",
        "\u212a",
        "\u3002",
        *META_DOMAINS,
    ]
)


@given(st.lists(_PIECES, max_size=8).map("".join).map(lambda rest: rest if rest[:4] == "http" else f"https://{rest}"))
def test_what_is_taken_leads_to_meta_however_it_is_read(url: str) -> None:
    if not is_meta_url(url):
        return
    parts = urlsplit(url)
    host = parts.hostname or ""
    assert parts.scheme == "https" and parts.username is None and parts.password is None and parts.port in (None, 443)
    assert any(host == domain or host.endswith(f".{domain}") for domain in META_DOMAINS)
    assert "\\" not in url and url.isascii() and url.isprintable() and " " not in url


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert not is_meta_url(text) or text.lower().startswith("https://")
    assert not is_meta_url(f"https://{text}evil.example/")
