"""Every page in a real browser: nothing on it is refused by its own Content-Security-Policy."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urldefrag, urlsplit

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, Route
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from partners.models import Business
from tests.admin_rows import Tenant, signed_in, superuser, tenant_with_everything
from tests.onboarding.merchant import Merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

_LISTEN = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("POLICY", event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber));
"""
# One page of each kind is enough: of an address with other numbers, and with another value of its first question.
_NUMBER = re.compile(r"\d+")


@pytest.fixture
def refusals(page: Page) -> list[str]:
    """What the browser refuses, with the page on which it does."""
    found: list[str] = []
    page.add_init_script(_LISTEN)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda message: (
            found.append(f"{page.url}: {message.text}")
            if "POLICY" in message.text or "Content Security Policy" in message.text
            else None
        ),
    )
    return found


@pytest.fixture
def tenant(live_server: LiveServer, settings: Settings) -> Tenant:
    settings.PUBLIC_URL = live_server.url
    return tenant_with_everything()


def _sign_in(context: BrowserContext, address: str, user: User) -> None:
    session = signed_in(user).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": address}])


def _links(page: Page, address: str) -> Iterator[str]:
    for link in page.eval_on_selector_all("a[href]", "links => links.map((link) => link.href)"):
        target = urldefrag(link).url
        if target.startswith(address) and not target.endswith(("/logout/", "/download/")):
            yield target


def _crawl(page: Page, address: str, start: str) -> set[str]:
    """Open one page of each kind that is linked from another."""
    waiting, kinds = [address + start], set[tuple[str, str]]()
    while waiting:
        target = waiting.pop(0)
        parts = urlsplit(target)
        kind = (_NUMBER.sub("1", parts.path), min(re.findall(r"(\w+)=", parts.query), default=""))
        if kind in kinds:
            continue
        kinds.add(kind)
        answer = page.goto(target)
        if answer and answer.status < 500 and "html" in answer.headers.get("content-type", ""):
            waiting += _links(page, address)
    return {path for path, _query in kinds}


@pytest.mark.parametrize("who", ["member", "platform staff"])
def test_no_page_of_the_admin_is_refused_anything(
    live_server: LiveServer, page: Page, refusals: list[str], tenant: Tenant, who: str
) -> None:
    _sign_in(page.context, live_server.url, tenant.member if who == "member" else superuser())
    paths = _crawl(page, live_server.url, "/admin/")
    names = ("partners/metaapp", "onboarding/launchlink", "features/installation", "webhooks/delivery")
    assert {f"/admin/{name}/" for name in names} <= paths and len(paths) > 25
    assert not refusals


def _choose_in_autocomplete(page: Page) -> None:
    page.locator(".select2-selection").first.click()
    page.locator(".select2-results__option").first.wait_for()


def _press_an_action(page: Page) -> None:
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option(index=1)
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).first.click()


@pytest.mark.parametrize(
    ("path", "use"),
    [
        ("onboarding/launchlink/add/", _choose_in_autocomplete),
        ("onboarding/launchlink/", _press_an_action),
    ],
)
def test_no_widget_of_the_admin_is_refused_anything(
    live_server: LiveServer,
    page: Page,
    refusals: list[str],
    tenant: Tenant,
    path: str,
    use: Callable[[Page], None],
) -> None:
    _sign_in(page.context, live_server.url, tenant.member)
    page.goto(f"{live_server.url}/admin/{path}")
    use(page)
    page.wait_for_load_state("networkidle")
    assert not refusals


def test_no_public_page_is_refused_anything(
    live_server: LiveServer, page: Page, refusals: list[str], tenant: Tenant
) -> None:
    business = tenant.rows["partners_business"]
    assert isinstance(business, Business)
    pages = [
        "/",
        "/nowhere/",
        "/return/",
        "/admin/login/",
        f"/connect/{Merchant(business).token}/",
        "/connect/unknown/",
    ]
    for path in pages:
        page.goto(live_server.url + path)
        page.locator("h1, #site-name").first.wait_for()
    assert not refusals


def test_an_inline_script_is_refused(live_server: LiveServer, page: Page, refusals: list[str]) -> None:
    page.goto(f"{live_server.url}/")
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'run'";
      document.body.append(script);
    }""")
    assert page.title() != "run"
    assert any("script-src" in each for each in refusals)


def test_another_site_cannot_show_a_page_in_a_frame(live_server: LiveServer, page: Page, tenant: Tenant) -> None:
    business = tenant.rows["partners_business"]
    assert isinstance(business, Business)
    address = f"{live_server.url}/connect/{Merchant(business).token}/"
    page.route("http://elsewhere.test/", lambda route: route.fulfill(body=f'<iframe src="{address}"></iframe>'))
    page.goto("http://elsewhere.test/")
    page.wait_for_load_state("networkidle")
    assert business.name not in page.frames[1].content() and len(page.frames) == 2
    assert page.frames[1].url.startswith("chrome-error:")


def test_the_address_of_a_launch_link_does_not_leave_the_portal(
    live_server: LiveServer, page: Page, tenant: Tenant
) -> None:
    business = tenant.rows["partners_business"]
    assert isinstance(business, Business)
    referrers: list[str] = []

    def note(route: Route) -> None:
        referrers.append(route.request.headers.get("referer", ""))
        route.fulfill(body="here")

    page.route("http://elsewhere.test/", note)
    page.goto(f"{live_server.url}/connect/{Merchant(business).token}/")
    page.evaluate("""() => {
      const link = document.createElement("a");
      link.href = "http://elsewhere.test/";
      document.body.append(link);
      link.click();
    }""")
    page.wait_for_url("http://elsewhere.test/")
    assert referrers == [""]
