"""An app that has been through everything: installs and uninstalls by both ways in, with their webhooks, over HTTP."""

from dataclasses import dataclass
from datetime import timedelta

import requests
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from features.models import Cause, Change, Installation
from features.sync import drain
from golive.menus.confirming import confirm
from golive.menus.states import standings
from golive.readiness.checks.telling import PATIENCE
from golive.readiness.models import Check
from golive.readiness.running import check_app
from onboarding.models import EntryPoint, OnboardingAttempt
from onboarding.settling import settle_due
from partners.audit.models import Via
from partners.audit.recording import By
from partners.models import Business, MetaApp
from sandbox.server import RunningSandbox
from tests.factories import BusinessFactory, EntryPointFactory, MetaAppFactory
from tests.meta import Meta, hint
from tests.onboarding.merchant import Merchant
from tests.onboarding.starter import Starter, finish
from tests.waiting import eventually
from webhooks.models import Delivery
from webhooks.processing import process_inbox

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
Found = dict[str, tuple[str, str]]


@dataclass
class Stage:
    """One app between the portal, served at `url`, and a sandbox."""

    app: MetaApp
    meta: Meta
    url: str
    sandbox: RunningSandbox | None = None

    @classmethod
    def set_up(cls, sandbox: RunningSandbox, url: str, **values: object) -> "Stage":
        """An app with a button, which nobody has used, and of which Meta knows no callback."""
        app: MetaApp = MetaAppFactory.create(sign_in_url="https://partner.example/sign-in", **values)
        EntryPointFactory.create(meta_app=app, slug=f"book-{app.pk}")
        return cls(app, Meta(sandbox, app), url, sandbox)

    @property
    def callback(self) -> str:
        """Where the app's webhooks go."""
        return self.url + reverse("meta-webhook", args=[self.app.app_id])

    @property
    def button(self) -> EntryPoint:
        """The app's button."""
        return EntryPoint.objects.get(meta_app=self.app)

    def register(self) -> None:
        """Enter callback and verify token at Meta, as a person does."""
        assert self.meta.register(callback_url=self.callback, verify_token=self.app.verify_token)["ok"]

    def business(self) -> Business:
        """A business that nobody has connected."""
        row: Business = BusinessFactory.create(partner=self.app.partner, domain="https://shop.example")
        return row

    def log_in(self, business: Business | None = None) -> Business:
        """Connect by the business login."""
        business = business or self.business()
        Merchant(business).go_through(self.button.slug, "FB_SERVICES")
        self.settle()
        return business

    def start_at_meta(self, business: Business | None = None, *more: str) -> Business:
        """Connect by the business app, with more intents than the button's."""
        business = business or self.business()
        merchant = Merchant(business)
        merchant.open()
        starter = Starter(self.app, self.meta.url, merchant.client)
        finish(starter.press(starter.come(), entry_point=self.button.slug), "FB_SERVICES", *more)
        self.settle()
        return business

    def change(self, business: Business, **wish: object) -> None:
        """Let the merchant change something at Meta; a webhook follows."""
        url = f"{self.meta.url}/sandbox/api/connections/{business.external_business_id}"
        requests.patch(url, json={"app_id": self.app.app_id, **wish}, timeout=10).raise_for_status()
        self.settle()

    def sync(self, business: Business) -> None:
        """Let staff sync a business."""
        hint(self.installation(business), Cause.STAFF)
        drain()

    def settle(self) -> None:
        """Let webhooks arrive and the workers do their work."""
        state = f"{self.meta.url}/sandbox/api/state"
        eventually(lambda: requests.get(state, timeout=10).json()["webhooks_waiting"] == 0)
        process_inbox()
        drain()
        settle_due()
        drain()

    def confirm_menus(self) -> None:
        """Let a person confirm every menu."""
        for each in standings(self.app):
            offer, by = each.offer, By(None, "Mei", "", Via.ADMIN)
            confirm(self.app, offer.vertical, offer.fingerprint, picture=PNG, picture_type="image/png", note="", by=by)

    def go_through_everything(self) -> Business:
        """Install and uninstall by both ways in, confirm the menus; the business given back stays connected."""
        self.register()
        for connect in (self.log_in, self.start_at_meta):
            self.change(connect(), uninstall=True)
        self.confirm_menus()
        return self.log_in()

    def check(self) -> Found:
        """Make the checks; state and next step of each."""
        assert check_app(self.app.partner_id, self.app.pk)
        return self.found()

    def found(self) -> Found:
        """State and next step of each check as they are kept."""
        return {str(each): (each.state, each.step) for each in Check.objects.filter(meta_app=self.app)}

    def row(self, name: str) -> Check:
        """One check by its name."""
        key, _, subject = name.partition(" ")
        return Check.objects.get(meta_app=self.app, key=key, subject=subject)

    def installation(self, business: Business) -> Installation:
        """The business's connection."""
        return Installation.objects.get(meta_app=self.app, business=business)

    def let_tokens_end(self, business: Business, within: timedelta) -> None:
        """Let Meta say of the business's tokens that they end by then; what the portal has written stays."""
        assert self.sandbox is not None
        state = self.sandbox._world.state
        for each in state.tokens_of(state.connections[self.app.app_id, business.external_business_id]):
            each.expires_at = int((timezone.now() + within).timestamp())

    def expire(self) -> None:
        """Let the time for every attempt run out."""
        OnboardingAttempt.objects.filter(meta_app=self.app).update(expires_at=timezone.now())
        self.settle()

    def age(self) -> None:
        """Let so much time pass that a webhook would have come."""
        moment = 2 * PATIENCE
        OnboardingAttempt.objects.filter(meta_app=self.app).update(
            started_at=F("started_at") - moment, returned_at=F("returned_at") - moment
        )
        Delivery.objects.filter(meta_app=self.app).update(received_at=F("received_at") - moment)
        Change.objects.filter(installation__meta_app=self.app).update(occurred_at=F("occurred_at") - moment)
