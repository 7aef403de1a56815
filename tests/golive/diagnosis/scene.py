"""One business, one app, the sandbox: what happens to them, done by the parts that do it in production."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from features.activation.running import drain as look_at_activations
from features.configuration.planning import ask, plan
from features.configuration.pushing import drain as push
from features.configuration.wanting import want
from features.models import Feature, Installation
from features.sync import drain as sync
from golive.diagnosis.loading import apps_of, load
from golive.diagnosis.walking import Walk, walk
from mbe.signature import sign
from onboarding.models import EntryPoint, OnboardingAttempt
from partners.models import Business, MetaApp
from partners.tenancy import tenant
from tests.factories import EntryPointFactory
from tests.meta import Meta, hint
from tests.onboarding.merchant import Merchant, decide
from tests.onboarding.starter import Starter, finish
from webhooks import endpoint
from webhooks.processing import process_inbox


@dataclass
class Scene:
    """What a situation is made with; `staff` is a manager's browser."""

    app: MetaApp
    business: Business
    meta: Meta
    staff: Client
    settings: Settings

    # --- the partner's side

    def button(self, vertical: str = "LEAD_ADS", intent: str = "LEAD_ADS", **more: Any) -> EntryPoint:
        """A button; unless told otherwise, one whose features work at the sandbox at once."""
        row: EntryPoint = EntryPointFactory.create(
            meta_app=self.app, slug="go", vertical=vertical, intent=intent, **more
        )
        return row

    def press(self, name: str, pk: int, method: str) -> None:
        """Press a tool of the admin, and say yes if it asks."""
        answer = self.staff.post(reverse(f"admin:{name}_tool", args=[pk, method]))
        assert answer.status_code in (200, 302), answer.content.decode()

    def lose_the_key(self) -> None:
        """Have another key alone."""
        self.settings.ENCRYPTION_KEYS = (Fernet.generate_key().decode(),)
        endpoint._known.clear()

    def type_in_the_secret(self, secret: str = "app-secret") -> None:
        """Keep this secret (and the verify token) anew, under the newest key."""
        app = MetaApp.objects.get(pk=self.app.pk)
        app.secret, app.verify_token = secret, "verify-token"
        app.save()
        endpoint._known.clear()

    def meta_has_secret(self, secret: str) -> None:
        """Let the app have another secret at Meta."""
        self.meta._call("post", "apps", app_id=self.app.app_id, app_secret=secret)

    # --- the merchant's

    def invited(self, **link: Any) -> Merchant:
        """A merchant with a launch link."""
        return Merchant(self.business, **link)

    def goes_through(self, *intents: str) -> Merchant:
        """The merchant goes to Meta and comes back with these intents on."""
        merchant = self.invited()
        merchant.go_through("go", *intents)
        return merchant

    def comes_in(self, vertical: str = "LEAD_ADS", intent: str = "LEAD_ADS", **button: Any) -> Installation:
        """The business is connected by a button, and all that follows is done."""
        self.button(vertical, intent, **button)
        self.goes_through(intent)
        self.hears_from_meta()
        return self.work()

    def fails_in_the_dialog(self) -> Merchant:
        """Meta itself has trouble in its dialog."""
        merchant = self.invited()
        merchant.client.get(decide(merchant.press("go")["Location"], action="fail"))
        return merchant

    def starts_at_meta(self, *intents: str) -> Merchant:
        """The merchant starts at Meta, chooses a button here, and goes on there with these intents (none: leaves)."""
        merchant = self.invited()
        merchant.open()
        starter = Starter(self.app, self.meta.url, merchant.client)
        answer = starter.press(starter.come(), entry_point="go")
        if intents:
            finish(answer, *intents)
        return merchant

    def long_ago(self, attempt: OnboardingAttempt) -> None:
        """Let the attempt have begun two hours ago."""
        past = timezone.now() - timedelta(hours=2)
        OnboardingAttempt.objects.filter(pk=attempt.pk).update(started_at=past, expires_at=past + timedelta(hours=1))

    # --- Meta's

    @property
    def external_id(self) -> str:
        """By what Meta knows the business."""
        return self.business.external_business_id

    def webhooks(self) -> list[bytes]:
        """The bodies that the sandbox has sent, oldest first."""
        return [each["body"].encode() for each in reversed(self.meta.counters()["webhooks"])]

    def deliver(self, secret: str = "app-secret") -> list[int]:
        """Bring what the sandbox has sent to the endpoint, signed as Meta does; the statuses."""
        address = reverse("meta-webhook", args=[self.app.app_id])
        send, kind = Client().post, "application/json"
        return [
            send(address, body, content_type=kind, headers={"X-Hub-Signature-256": sign(body, secret)}).status_code
            for body in self.webhooks()
        ]

    def hears_from_meta(self) -> None:
        """Take the sandbox's webhooks and process them."""
        assert set(self.deliver()) <= {200}
        process_inbox()

    def happens(self, **wish: Any) -> Installation:
        """Something changes at Meta; the portal hears of it and does what follows."""
        self.meta.change(self.external_id, **wish)
        return self.asks_meta()

    # --- what is made of it

    def walk(self) -> Walk:
        """The walk on the business's one app, as a request would take it."""
        with tenant(self.business.partner_id):
            business = Business.objects.get(pk=self.business.pk)
            (app,) = apps_of(business)
            return walk(load(app, business))

    def page(self, browser: Client | None = None) -> Any:
        """The page, in the manager's browser or in another."""
        return (browser or self.staff).get(reverse("golive-diagnosis", args=[self.business.pk]))

    # --- the workers'

    def installation(self) -> Installation:
        """The connection as it is now."""
        return Installation.objects.select_related("meta_app", "business").get(business=self.business)

    def asks_meta(self) -> Installation:
        """Sync once more, and do what follows."""
        hint(self.installation())
        return self.work()

    def work(self) -> Installation:
        """Do all that is due."""
        for due in (sync, push, look_at_activations):
            due()
        return self.installation()

    def feature(self, feature_type: str) -> Feature:
        """The only feature of this type."""
        return Feature.objects.select_related("installation").get(feature_type=feature_type, removed_at=None)

    def wants(self, feature: Feature, *, is_pushed: bool = True, **values: Any) -> None:
        """Somebody sets a feature up, and has it pushed."""
        with tenant(feature.partner_id):
            want(feature, values, by="ada", version=None)
            if is_pushed:
                ask(plan([feature], by="ada"))
        self.work()


@dataclass(frozen=True)
class Situation:
    """How it comes about, the step at which it stops, words of the sentence, and one of the buttons."""

    make: Callable[[Scene], object]
    step: str
    says: str
    helps: str

    def __str__(self) -> str:
        return self.make.__name__
