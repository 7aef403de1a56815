"""From a stored body to hints, and to nothing else."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model

from features.hints import installation_of
from features.models import AccessToken, Feature, Installation
from features.sync import drain
from partners.encryption import seal
from partners.models import Business, MetaApp
from tests.factories import BusinessFactory, FeatureFactory, InstallationFactory, MetaAppFactory
from tests.meta import Meta
from webhooks.adoption import adopt
from webhooks.models import DeliveredNotice, Delivery
from webhooks.processing import process_inbox

Outcome = DeliveredNotice.Outcome


@pytest.fixture
def app(db: None) -> MetaApp:
    """The app that Meta speaks to."""
    return MetaAppFactory.create()


def deliver(app: MetaApp, content: Any) -> Delivery:
    """A delivery as the endpoint stores it, processed."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    delivery = Delivery.objects.create(partner=app.partner, meta_app=app, sealed_body=seal(body), size=len(body))
    process_inbox()
    delivery.refresh_from_db()
    return delivery


def install(*external_ids: str, time: int = 1_764_000_000, **value: Any) -> dict[str, Any]:
    """The envelope of `fbe_install`, one entry for each business, a second apart."""
    changes = [{"field": "fbe_install", "value": {"business_id": each, **value}} for each in external_ids]
    entries = [{"id": "1", "time": time + n, "changes": [change]} for n, change in enumerate(changes)]
    return {"object": "user", "entry": entries}


def of_manager(field: str, manager: str) -> dict[str, Any]:
    """A business integration notice."""
    change = {"field": field, "value": {"business_manager_id": manager}}
    return {"object": "application", "entry": [{"id": "app", "time": 1, "changes": [change]}]}


def business(app: MetaApp, external_id: str) -> Business:
    """A business of the app's partner."""
    return BusinessFactory.create(partner=app.partner, external_business_id=external_id)


def requested(external_id: str) -> int:
    """How many syncs were asked for."""
    return Installation.objects.get(business__external_business_id=external_id).requested_generation


def test_a_notice_brings_a_hint_and_its_token_and_touches_no_feature(app: MetaApp) -> None:
    business(app, "salon")
    features = [{"feature_instance_id": "1", "feature_type": "pixel", "connected_assets": {}}]
    delivery = deliver(app, install("salon", access_token="EAAnew", installed_features=features))
    assert delivery.status == Delivery.Status.PROCESSED
    assert delivery.notices.get().outcome == Outcome.HINTED
    assert requested("salon") == 1
    assert AccessToken.objects.get().secret == "EAAnew"
    assert not Feature.objects.exists()


def test_a_repeated_notice_asks_for_nothing_more(app: MetaApp) -> None:
    business(app, "salon")
    deliver(app, install("salon"))
    assert deliver(app, install("salon")).notices.get().outcome == Outcome.DUPLICATE
    assert requested("salon") == 1


def test_a_repetition_is_news_once_its_business_is_known(app: MetaApp) -> None:
    outcomes = [deliver(app, install("salon", access_token="EAAnew")).notices.get().outcome for _ in range(2)]
    business(app, "salon")
    outcomes += [deliver(app, install("salon", access_token="EAAnew")).notices.get().outcome for _ in range(2)]
    assert outcomes == [Outcome.UNKNOWN_BUSINESS, Outcome.DUPLICATE, Outcome.HINTED, Outcome.DUPLICATE]
    assert AccessToken.objects.get().secret == "EAAnew"


def test_a_delivery_that_is_processed_again_hints_again(app: MetaApp) -> None:
    business(app, "salon")
    delivery = deliver(app, install("salon"))
    Delivery.objects.update(status=Delivery.Status.RECEIVED)
    process_inbox()
    assert delivery.notices.get().outcome == Outcome.HINTED
    assert requested("salon") == 2


def test_a_batch_of_a_thousand_notices_hints_each_business_once(app: MetaApp) -> None:
    for number in range(10):
        business(app, f"shop-{number}")
    delivery = deliver(app, install(*[f"shop-{number % 10}" for number in range(1000)]))
    assert delivery.notices.count() == 1000
    assert [requested(f"shop-{number}") for number in range(10)] == [1] * 10


def test_the_seeds_bare_payload_is_understood_by_its_feature_instances(app: MetaApp) -> None:
    installation = InstallationFactory.create(meta_app=app)
    FeatureFactory.create(installation=installation, feature_instance_id="777")
    body = {"data": [{"installed_features": [{"feature_instance_id": "777", "feature_type": "pixel"}]}]}
    for _ in range(2):
        assert deliver(app, body).notices.get().outcome == Outcome.HINTED
    installation.refresh_from_db()
    assert installation.requested_generation == 2, "the same bare words may be news"


@pytest.mark.parametrize("field", ["business_integration_update", "business_integration_uninstall"])
def test_a_business_manager_stands_for_all_its_installations(app: MetaApp, field: str) -> None:
    installations = InstallationFactory.create_batch(3, meta_app=app, business_manager_id="77")
    foreign = InstallationFactory.create(business_manager_id="77")
    deliver(app, of_manager(field, "77"))
    for each in [*installations, foreign]:
        each.refresh_from_db()
    assert [each.requested_generation for each in installations] == [1, 1, 1]
    assert foreign.requested_generation == 0
    assert all((each.uninstall_generation == 1) is field.endswith("uninstall") for each in installations)


def test_a_notice_about_an_unknown_business_is_kept_and_can_be_adopted(meta: Meta) -> None:
    token = meta.connect("stranger", "pixel")
    delivery = deliver(meta.app, install("stranger", access_token=token))
    notice = delivery.notices.get()
    assert notice.outcome == Outcome.UNKNOWN_BUSINESS
    assert notice.sealed_token is not None and token.encode() not in bytes(notice.sealed_token)
    for _ in range(2):
        adopt(notice)
    drain()
    installation = Installation.objects.get()
    assert installation.state == Installation.State.CONNECTED
    notice.refresh_from_db()
    assert notice.outcome == Outcome.HINTED and not notice.sealed_token


def test_another_partners_business_of_that_name_is_not_meant(app: MetaApp) -> None:
    BusinessFactory.create(external_business_id="salon")
    assert deliver(app, install("salon")).notices.get().outcome == Outcome.UNKNOWN_BUSINESS
    assert not Installation.objects.exists()


@pytest.mark.parametrize("body", [b"", b"not json", b"[1, 2", b"\xff\xfe", b'"text"', b"[" * 100_000])
def test_an_unreadable_body_is_kept_and_marked(app: MetaApp, body: bytes) -> None:
    delivery = deliver(app, body)
    assert delivery.status == Delivery.Status.UNREADABLE and delivery.problem
    assert delivery.raw_body == body


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "x" * 5000, "İ\u202e", "'; DROP TABLE", "99999999999999999999999"])
def test_odd_words_in_a_notice_harm_nothing(app: MetaApp, odd: str) -> None:
    business(app, "salon")
    content = install(f"salon{odd}", "salon", fbe_event=odd, access_token=odd, business_manager_id=odd)
    assert deliver(app, content).status == Delivery.Status.PROCESSED
    assert requested("salon") == 1


def test_one_poisoned_delivery_does_not_hold_back_the_others(app: MetaApp) -> None:
    business(app, "salon")
    poisoned = Delivery.objects.create(partner=app.partner, meta_app=app, sealed_body=b"no key opens this", size=1)
    delivery = deliver(app, install("salon"))
    poisoned.refresh_from_db()
    assert (poisoned.status, delivery.status) == (Delivery.Status.FAILED, Delivery.Status.PROCESSED)
    assert requested("salon") == 1


def test_one_sweep_tells_apart_who_was_uninstalled(app: MetaApp) -> None:
    business(app, "salon")
    business(app, "shop")
    content = install("salon", "shop")
    content["entry"][0]["changes"][0]["value"]["fbe_event"] = "UNINSTALL"
    content["entry"][1]["changes"][0]["value"]["fbe_event"] = "INSTALL"
    deliver(app, content)
    rows = Installation.objects.values_list("business__external_business_id", "uninstall_generation")
    assert dict(rows) == {"salon": 1, "shop": 0}
    assert requested("salon") == requested("shop") == 1


def test_a_delivery_that_the_database_cannot_take_now_goes_on_waiting(transactional_db: None) -> None:
    app = MetaAppFactory.create()
    installation_of(app, business(app, "salon"))
    with while_locked(Installation), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 50")
        delivery = deliver(app, install("salon"))
        cursor.execute("RESET lock_timeout")
    assert delivery.status == Delivery.Status.RECEIVED
    process_inbox()
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.PROCESSED
    assert requested("salon") == 1


@contextmanager
def while_locked(model: type[Model]) -> Iterator[None]:
    """Somebody else holds all rows."""
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(model._default_manager.select_for_update())
            locked.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait(10)
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_an_uninstall_notice_is_remembered_until_the_next_result(app: MetaApp) -> None:
    business(app, "salon")
    deliver(app, install("salon", fbe_event="UNINSTALL"))
    installation = Installation.objects.get()
    assert installation.uninstall_generation == installation.requested_generation == 1


def test_a_notice_with_a_token_is_no_uninstall(app: MetaApp) -> None:
    business(app, "salon")
    deliver(app, install("salon", fbe_event="UNINSTALL", access_token="EAAleft"))
    assert Installation.objects.get().uninstall_generation == 0


def test_a_notice_that_lists_what_is_left_tells_of_the_uninstall_of_a_part(app: MetaApp) -> None:
    business(app, "salon")
    left = [{"feature_instance_id": "77", "feature_type": "catalog"}]
    notice = deliver(app, install("salon", fbe_event="UNINSTALL", installed_features=left)).notices.get()
    installation = Installation.objects.get()
    assert notice.says_uninstall and installation.requested_generation == 1
    assert installation.uninstall_generation == 0


def test_other_subscriptions_are_kept_and_ignored(app: MetaApp) -> None:
    body = {"object": "page", "entry": [{"id": "1", "time": 1, "changes": [{"field": "leadgen", "value": {}}]}]}
    assert deliver(app, body).notices.get().outcome == Outcome.IGNORED
