"""What can be broken: for each way the check that turns red, its next step, and how it is broken by just its cause."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pytest_django import Settings

from features.models import Installation
from golive.diagnosis.steps.granting import ENDS_SOON
from golive.readiness.steps import Step
from partners.models import Business, MetaApp
from tests.golive.readiness.stage import Stage
from webhooks import endpoint
from webhooks.models import Handshake

# An address at which nothing listens, and a name that no DNS server knows.
NOBODY, NOWHERE = "http://127.0.0.1:9", "https://portal.invalid"


@dataclass(frozen=True)
class Place:
    """A stage on which every check is green."""

    stage: Stage
    connected: Business
    settings: Settings

    @property
    def installation(self) -> Installation:
        """Of the business that is connected."""
        return self.stage.installation(self.connected)


@dataclass(frozen=True)
class Breaking:
    """What turns red, and how."""

    check: str
    step: Step
    do: Callable[[Place], object]


def _public_url(url: str) -> Callable[[Place], object]:
    """The portal is said to be elsewhere, and Meta has that callback."""

    def do(place: Place) -> None:
        place.settings.PUBLIC_URL = place.stage.url = url
        place.stage.meta.turn_subscriptions(callback_url=place.stage.callback)

    return do


def _subscriptions(**knobs: object) -> Callable[[Place], object]:
    return lambda place: place.stage.meta.turn_subscriptions(**knobs)


def _wrong_answer(place: Place) -> None:
    _public_url(place.stage.meta.url)(place)


def _verify_token(place: Place) -> None:
    """Meta was never answered, and asks with another token."""
    Handshake.objects.all().delete()
    assert not place.stage.meta.register(verify_token="another")["ok"]


def _verify_token_replaced(place: Place) -> None:
    """Here it was changed, and at Meta it is the old one."""
    place.stage.app.verify_token = "brand-new"
    place.stage.app.save()


def _secret(place: Place) -> None:
    place.stage.app.secret = "another-secret"
    place.stage.app.save()


def _no_key(place: Place) -> None:
    MetaApp.objects.filter(pk=place.stage.app.pk).update(sealed_secret=b"\x00" * 64)
    endpoint._known.clear()


def _version(version: str, answered: str = "") -> Callable[[Place], object]:
    def do(place: Place) -> None:
        place.settings.META_GRAPH_VERSION = version
        place.stage.meta.turn(answered_version=answered)

    return do


def _install_unnoticed(place: Place) -> None:
    place.stage.meta.turn_webhooks(drop=True)
    place.stage.log_in(place.connected)
    place.stage.age()


def _install_from_meta_unnoticed(place: Place) -> None:
    """A merchant turns more on at Meta, and only a sync that staff ask for tells of it."""
    stage = place.stage
    shop = stage.log_in()
    stage.log_in(place.connected)
    stage.meta.turn_webhooks(drop=True)
    stage.start_at_meta(shop, "MESSENGER_CHAT")
    stage.sync(shop)
    stage.age()


def _uninstall_unnoticed(way_in: str) -> Callable[[Place], object]:
    def do(place: Place) -> None:
        stage = place.stage
        shop = stage.log_in() if way_in == "login" else stage.start_at_meta()
        stage.meta.turn_webhooks(drop=True)
        stage.change(shop, uninstall=True, keep_tokens=True)
        stage.sync(shop)
        stage.age()

    return do


def _dead_token(place: Place) -> None:
    place.stage.change(place.connected, kill_tokens=463, send_webhook=False)


def _ending_token(place: Place) -> None:
    place.stage.let_tokens_end(place.connected, within=ENDS_SOON - timedelta(minutes=1))


def _withheld(place: Place) -> None:
    place.stage.change(place.connected, withheld_scopes=["catalog_management"])


def _disagreement(place: Place) -> None:
    place.stage.change(place.connected, remove=["page_card"], send_webhook=False)


BREAKINGS = (
    Breaking("callback", Step.NO_ANSWER, _public_url(NOBODY)),
    Breaking("callback", Step.WRONG_ANSWER, _wrong_answer),
    Breaking("callback", Step.NOT_HTTPS, _public_url("http://portal.example")),
    Breaking("callback", Step.LOCAL_ADDRESS, _public_url("https://localhost")),
    Breaking("callback", Step.UNKNOWN_HOST, _public_url(NOWHERE)),
    Breaking("handshake", Step.ENTER_CALLBACK, lambda place: Handshake.objects.all().delete()),
    Breaking("handshake", Step.VERIFY_TOKEN, _verify_token),
    Breaking("handshake", Step.VERIFY_TOKEN, _verify_token_replaced),
    Breaking("app_token", Step.SECRET, _secret),
    Breaking("app_token", Step.NO_KEY, _no_key),
    Breaking("subscribed_fields", Step.NOT_SUBSCRIBED, _subscriptions(missing_fields=["fbe_install"])),
    Breaking("subscribed_fields", Step.MISSING_FIELDS, _subscriptions(missing_fields=["leadgen"])),
    Breaking("subscribed_fields", Step.FOREIGN_CALLBACK, _subscriptions(callback_url="https://other.example/")),
    Breaking("subscribed_fields", Step.INACTIVE, _subscriptions(inactive=True)),
    Breaking("graph_version", Step.VERSION_ENDS, _version("v20.0")),
    Breaking("graph_version", Step.MARKETING_ENDS, _version("v24.0")),
    Breaking("graph_version", Step.OTHER_VERSION, _version("v25.0", "v26.0")),
    Breaking("graph_version", Step.UNKNOWN_VERSION, _version("v99.0")),
    Breaking("after_install login", Step.NO_INSTALL_NOTICE, _install_unnoticed),
    Breaking("after_install business_app", Step.NO_INSTALL_NOTICE, _install_from_meta_unnoticed),
    Breaking("after_uninstall login", Step.NO_UNINSTALL_NOTICE, _uninstall_unnoticed("login")),
    Breaking("after_uninstall business_app", Step.NO_UNINSTALL_NOTICE, _uninstall_unnoticed("business_app")),
    Breaking("tokens", Step.RECONNECT, _dead_token),
    Breaking("tokens", Step.TOKENS_END, _ending_token),
    Breaking("permissions", Step.PERMISSIONS, _withheld),
    Breaking("agree", Step.DISAGREEMENT, _disagreement),
)
