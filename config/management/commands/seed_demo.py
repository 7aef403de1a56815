"""The demo of a first run: a partner with entry points and a salon, known to the sandbox."""

import json
import secrets
import time
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse

from onboarding.linking import make_launch_link
from onboarding.models import EntryPoint, LaunchLink, fingerprint
from partners.commands import BadInput, PortalCommand
from partners.models import Business, MetaApp, Partner
from partners.tenancy import platform

SANDBOX_PATIENCE_SECONDS = 20
APP_ID = "1000000000000001"
USERNAME = "demo"

PAGE_BUTTON = {"cta_button_text": "Book Now", "cta_button_url": "{domain}/book?salon={external_business_id}"}
ENTRY_POINTS: dict[str, dict[str, Any]] = {
    "book-on-facebook": {
        "vertical": "APPOINTMENTS",
        "intent": "FB_SERVICES",
        "cta_defaults": {"page_cta": PAGE_BUTTON | {"below_button_text": "Powered by Demo Bookings"}},
    },
    "book-on-instagram": {"vertical": "APPOINTMENTS", "intent": "IG_SERVICES", "cta_defaults": {"ig_cta": PAGE_BUTTON}},
    "sell-products": {"vertical": "ECOMMERCE", "intent": "", "label": "Sell hair products on Facebook and Instagram"},
    "advertise": {"vertical": "ADS_TARGETING", "intent": "ADS"},
}


class Command(PortalCommand):
    """`seed_demo`: run by `make run`; run again, it keeps what is there."""

    help = "Make the demo partner, register its app at the sandbox, and write where to click to VAR_DIR/demo.json."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing."""
        if not settings.ENVIRONMENT.uses_sandbox:
            raise BadInput("the demo is for the sandbox; META_GRAPH_URL names another Meta")
        file = settings.ENVIRONMENT.var_dir / "demo.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        with platform():
            app = _app()
            business = _business(app.partner)
            known |= {
                "merchant_url": _merchant_url(business, known.get("merchant_url", "")),
                "admin_url": settings.PUBLIC_URL + reverse("admin:index"),
                "admin_username": USERNAME,
                "admin_password": _password(known.get("admin_password", "")),
            }
        _register(app)
        _write(file, known)


def _app() -> MetaApp:
    partner, _ = Partner.objects.get_or_create(slug="demo", defaults={"name": "Demo Bookings"})
    app = MetaApp.objects.filter(app_id=APP_ID).first()
    if app is None:
        app = MetaApp(partner=partner, app_id=APP_ID, name="Demo Bookings for Meta")
        app.secret, app.verify_token = secrets.token_hex(16), secrets.token_urlsafe(16)
        app.save()
    for slug, values in ENTRY_POINTS.items():
        EntryPoint.objects.get_or_create(partner=partner, slug=slug, defaults={"meta_app": app, **values})
    return app


def _business(partner: Partner) -> Business:
    return Business.objects.get_or_create(
        partner=partner,
        external_business_id="salon-1001",
        defaults={
            "name": "Harbour Hair Salon",
            "verticals": ["APPOINTMENTS", "ECOMMERCE", "ADS_TARGETING"],
            "timezone": "Asia/Hong_Kong",
            "currency": "HKD",
            "domain": "https://harbour-hair.example",
        },
    )[0]


def _merchant_url(business: Business, known: str) -> str:
    """The link of an earlier run while it works, at today's address; otherwise a new one."""
    token = known.rstrip("/").rpartition("/")[2]
    link = LaunchLink.objects.filter(token_hash=fingerprint(token)).first()
    if link is not None and link.is_usable:
        return settings.PUBLIC_URL + reverse("connect", args=[token])
    return make_launch_link(business)[1]


def _password(known: str) -> str:
    """The demo login's password, made once."""
    users = get_user_model().objects
    user = users.filter(username=USERNAME).first()
    if user is not None and known:
        return known
    password = secrets.token_urlsafe(12)
    if user is None:
        users.create_superuser(USERNAME, "", password)
    else:
        user.set_password(password)
        user.save()
    return password


def _register(app: MetaApp) -> None:
    """Tell the sandbox of the app; it may still be starting."""
    body = {
        "app_id": app.app_id,
        "app_secret": app.secret,
        "name": app.name,
        "features": app.features,
        "callback_url": settings.PUBLIC_URL + reverse("meta-webhook", args=[app.app_id]),
        "verify_token": app.verify_token,
    }
    until = time.monotonic() + SANDBOX_PATIENCE_SECONDS
    while True:
        try:
            requests.post(f"{settings.META_GRAPH_URL}/sandbox/api/apps", json=body, timeout=10).raise_for_status()
            return
        except requests.RequestException as error:
            if time.monotonic() > until:
                raise BadInput(f"the sandbox does not answer: {type(error).__name__}") from None
            time.sleep(0.2)


def _write(file: Path, content: dict[str, str]) -> None:
    file.touch(mode=0o600)
    file.write_text(json.dumps(content, indent=2))
