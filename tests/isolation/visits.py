"""A visit to an address: where it is, what is sent, what came of it, and whose rows it changed."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from features.configuration.forms import fingerprint_of
from features.configuration.observed import observed
from features.models import Feature
from partners.models import MetaApp
from tests.isolation.addresses import kind_of
from tests.isolation.fingerprints import Fingerprint, Watch
from tests.isolation.people import LINK_TOKEN, OWN_MARK, World

# What a form of the admin sends where nobody changes its rows of memberships.
_NO_ARMS = {"arm_overrides-TOTAL_FORMS": "0", "arm_overrides-INITIAL_FORMS": "0"}
_NO_ROWS = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
PASSWORD = "a good long pass phrase"
_ACCOUNT = {"username": "newcomer", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}


class Visitor:
    """One person's browser; every visit leaves all as it was, so that the next one finds the same."""

    def __init__(self, place: World, client: Client, forbidden: str = "") -> None:
        """Take a word of which no page of staff may show anything to this person."""
        self._place = place
        self._client = client
        self._client.raise_request_exception = False
        self._cookies = dict(client.cookies.items())
        self._forbidden = forbidden.encode()
        self._watch = Watch(place.own.partner.pk)
        self.before = self._watch.look()

    def read(self, address: str) -> str:
        """What a GET is answered."""
        return self.visit("get", address)

    def write(self, address: str, data: Mapping[str, Any] | None = None) -> str:
        """What a POST is answered, of what the page's own form would send."""
        return self.visit("post", address, posted(self._place, address) if data is None else data)

    def is_all_as_before(self) -> bool:
        """Whether nothing of the visits was kept."""
        return self._watch.look() == self.before

    def visit(self, method: str, address: str, data: Any = "") -> str:
        """What a request with this method is answered, and whose rows it changed."""
        with transaction.atomic():
            answer = getattr(self._client, method)(path_of(self._place, address), data or None)
            came = where(answer) + _whose(self.before, self._watch.look()) + self._leak(address, answer)
            transaction.set_rollback(True)
        self._client.cookies.clear()
        self._client.cookies.update(self._cookies)
        return came

    def _leak(self, address: str, answer: Any) -> str:
        # Whoever holds a launch link sees its page.
        if not self._forbidden or address.startswith("connect/"):
            return ""
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return " shows another partner's" if self._forbidden in content else ""


def where(answer: Any) -> str:
    """The status; of a redirection to a page that asks for something, the page."""
    target = urlsplit(answer.get("Location", "")).path
    pages = {"/admin/login/": "login", "/account/second-factor/verify/": "verify"}
    return pages.get(target) or str(answer.status_code)


def _whose(before: Fingerprint, after: Fingerprint) -> str:
    """`!`: rows of the own partner have changed; `~`: of another one; `*`: of none."""
    marks = {"!": before.own != after.own, "~": before.others != after.others, "*": before.nobodys != after.nobodys}
    return "".join(mark for mark, has_changed in marks.items() if has_changed)


def path_of(place: World, address: str) -> str:
    """The address with numbers and tokens of the own partner in it."""
    path, kind = "/" + address, kind_of(address)
    for name, value in _values(place, address).items():
        path = path.replace(f"<{name}>", value)
    if kind:
        number = str(place.row(kind, path.rstrip("/").rpartition("/")[2]).pk)
        path = path.replace("<object_id>", number).replace("<id>", number)
    assert "<" not in path, f"nobody says what stands in {address}"
    return path


def _values(place: World, address: str) -> dict[str, str]:
    business = place.row("partners_business")
    app = place.row("partners_metaapp")
    assert isinstance(app, MetaApp)
    values = {
        "token": LINK_TOKEN if address.startswith("connect/") else "a-token-of-nothing",
        "slug": f"{OWN_MARK}-button",
        "public_id": str(place.row("onboarding_onboardingattempt").public_id),  # type: ignore[attr-defined]  # an attempt
        "member_id": str(place.row("partners_membership").pk),
        "user_id": str(place.row("auth_user").pk),
        "uidb64": "MQ",
        "app_id": app.app_id,
        "meta_app_id": str(app.pk),
        "business_id": str(business.pk),
        "group": "v2",
        "confirmation_id": str(place.row("menus_menuconfirmation").pk),
        "import_id": str(place.row("migration_import").pk),
        "entry_point_id": str(place.row("onboarding_entrypoint").pk),
        "url": "no-such-page/",
        "content_type_id": str(ContentType.objects.get_for_model(business).pk),
    }
    return values | ({} if kind_of(address) else {"object_id": str(business.pk)})


def posted(place: World, address: str) -> dict[str, Any]:
    """What the form at this address sends, filled in well; nothing where there is none."""
    if address.endswith("/delete/"):
        return {"post": "yes"}
    partner = {"partner": place.own.partner.pk}
    app, business = place.row("partners_metaapp"), place.row("partners_business")
    secrets = {"new_secret": "another-secret", "new_verify_token": "another-token", "features": ["page_cta"]}
    button = {"meta_app": app.pk, "vertical": "APPOINTMENTS", "cta_defaults": "{}"}
    button["minimal_onboarding_percent_menu"] = "all"
    feed = {"url": "https://shop.example/new.csv", "format": "csv", "every_hours": "24", "is_active": "on"}
    shop = {"name": "New shop", "verticals": [], "timezone": "UTC", "currency": "USD"}
    tester = {"meta_app": app.pk, "name": "Mei", "user_id": "1001", "role": "tester"}
    forms: dict[str, dict[str, Any]] = {
        "account/partner-in-view/": partner,
        "admin/audit/auditexport/add/": {"first_day": "2026-01-01", "last_day": "2026-01-31"},
        "admin/auth/user/<id>/password/": {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
        "admin/auth/user/<object_id>/change/": {"username": "renamed", "is_staff": "on"} | _NO_ROWS,
        "admin/auth/user/add/": _ACCOUNT | _NO_ROWS,
        "admin/features/feature/<object_id>/configuration/": _configuration(place),
        "admin/golive/rollout/<entry_point_id>/": {"percent": "50"},
        "admin/letter/tester/<object_id>/change/": tester | {"role": "developer"},
        "admin/letter/tester/add/": tester | {"user_id": "1002"},
        "admin/onboarding/entrypoint/<object_id>/change/": button | {"slug": "renamed"},
        "admin/catalogs/feed/<object_id>/change/": feed | {"every_hours": "12"},
        "admin/catalogs/feed/add/": feed | {"business": place.row("partners_business", "delete").pk},
        "admin/catalogs/intake/add/": {"business": business.pk, "is_whole": "whole", "file": _file()},
        "admin/onboarding/entrypoint/add/": button | {"slug": "new-button"},
        "admin/onboarding/launchlink/add/": {"business": business.pk},
        "admin/partners/business/<object_id>/change/": shop | _NO_ARMS,
        "admin/partners/business/add/": shop | partner | {"external_business_id": "new-shop"},
        "admin/partners/membership/<object_id>/change/": {"role": "viewer"},
        "admin/partners/metaapp/<object_id>/change/": {"name": "Renamed", **secrets},
        "admin/partners/metaapp/add/": {"name": "New app", "app_id": "4711", **secrets, **partner},
        "admin/partners/partner/<object_id>/change/": {"name": "Renamed"} | _NO_ROWS,
        "admin/partners/partner/add/": {"name": "New partner", "slug": "new-partner"} | _NO_ROWS,
        "admin/people/invitation/add/": {"email": "new@shop.example", "role": "viewer", **partner},
        "language/": {"language": "en"},
    }
    return forms.get(address, {})


def _configuration(place: World) -> dict[str, Any]:
    """What the form of a feature's settings sends."""
    feature = place.row("features_feature")
    assert isinstance(feature, Feature)
    seen = fingerprint_of(observed(feature))
    return {"version": "1", "seen": seen, "enabled": "on", "cta_button_url": "https://shop.example/"}


def _file() -> SimpleUploadedFile:
    """A file of products without a product."""
    return SimpleUploadedFile("products.csv", b"id\n")
