"""The merchant starts at Meta (meta-api, 1.11): who may be sent back where, and the attempt that begins."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.http import QueryDict
from django.urls import reverse

from mbe.hosts import is_meta_url
from mbe.links import back_to_meta, with_parameter
from onboarding.models import LaunchLink, OnboardingAttempt, fingerprint
from onboarding.opening import find_link
from onboarding.starting import begin
from partners.models import MetaApp
from partners.tenancy import platform, tenant

LONGEST_REDIRECT_URI = 2000
_SALT = "onboarding.business_app"
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class WayRefused(Exception):
    """The address does not lead back to Meta, is not ours, is too old, or is another browser's; says which."""


@dataclass(frozen=True)
class Way:
    """Where a merchant came from at Meta; `state` is the same, signed, for the addresses of our own pages."""

    app_id: str
    redirect_uri: str
    state: str

    @property
    def address(self) -> str:
        """Our page for this way, with the address of Meta in it."""
        return f"{auth_url(self.app_id)}?{urlencode({'state': self.state})}"


def auth_url(app_id: str) -> str:
    """The address that Meta opens for an app, to be entered there as its auth URL."""
    return settings.PUBLIC_URL + reverse("business-app", args=[app_id])


def find_app(app_id: str) -> MetaApp | None:
    """The app of this id, with its partner; None when there is none."""
    if "\0" in app_id:
        return None
    with platform():
        found = MetaApp.objects.filter(app_id=app_id).values_list("pk", "partner_id").first()
    if found is None:
        return None
    with tenant(found[1]):
        return MetaApp.objects.select_related("partner").get(pk=found[0])


def read_way(app_id: str, query: QueryDict, browser: str) -> Way:
    """Read where the merchant came from, out of Meta's own query or out of our signed state.

    Raises `WayRefused`.
    """
    given = query.getlist("redirect_uri")
    if not given and "state" in query:
        return _reopened(app_id, query.get("state", ""), browser)
    if len(given) != 1:
        raise WayRefused("redirect_uri")
    _check(given[0])
    content = {"app": app_id, "to": given[0], "browser": fingerprint(browser)}
    return Way(app_id, given[0], signing.dumps(content, salt=_SALT, compress=True))


def _reopened(app_id: str, state: str, browser: str) -> Way:
    try:
        content = signing.loads(state, salt=_SALT, max_age=settings.ATTEMPT_SECONDS)
    except signing.SignatureExpired:
        raise WayRefused("expired") from None
    except signing.BadSignature:
        raise WayRefused("state") from None
    if content["app"] != app_id or content["browser"] != fingerprint(browser):
        raise WayRefused("foreign")
    _check(content["to"])
    return Way(app_id, content["to"], state)


def _check(redirect_uri: str) -> None:
    """Raise `WayRefused` for an address that is not Meta's, or to which no `extras` of ours can be added."""
    if len(redirect_uri) > LONGEST_REDIRECT_URI or not may_lead_to(redirect_uri):
        raise WayRefused("redirect_uri")
    # With two of them it would be open which one counts.
    if any(name == "extras" for name, _ in parse_qsl(urlsplit(redirect_uri).query, keep_blank_values=True)):
        raise WayRefused("redirect_uri")


def may_lead_to(url: str) -> bool:
    """Whether a merchant may be sent there: to Meta, or to the sandbox that stands in for it on this machine."""
    return is_meta_url(url) or _is_of_local_sandbox(url)


def _is_of_local_sandbox(url: str) -> bool:
    dialog = urlsplit(settings.META_DIALOG_URL)
    if is_meta_url(settings.META_DIALOG_URL) or not (settings.DEBUG or dialog.hostname in _LOCAL_HOSTS):
        return False
    origin = re.escape(f"{dialog.scheme}://{dialog.netloc}")
    return bool(re.fullmatch(origin + r"[/?][!-\[\]-~]*", url, re.ASCII))


def usable_link(token: str, meta_app: MetaApp) -> LaunchLink | None:
    """The launch link of this token, if it still opens a page of this app's partner."""
    link = find_link(token) if token else None
    return link if link and link.is_usable and link.partner_id == meta_app.partner_id else None


def sign_in_address(meta_app: MetaApp, way: Way) -> str:
    """The partner's page where the merchant signs in and comes back with a launch token; empty when there is none."""
    return with_parameter(meta_app.sign_in_url, "return_to", way.address) if meta_app.sign_in_url else ""


def start_at_meta(link: LaunchLink, slug: str, browser: str, way: Way) -> str:
    """Write an attempt, and give the address at Meta at which it goes on; only a webhook tells how it ended.

    Raises `NotOffered` and `Obstructed`.
    """
    begun = begin(link, slug, browser, OnboardingAttempt.WayIn.BUSINESS_APP, app_id=way.app_id)
    return back_to_meta(way.redirect_uri, begun.extras)
