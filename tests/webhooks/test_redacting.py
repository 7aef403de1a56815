"""A token that came by webhook leaves the stored body for an encrypted column, and is lost on no way from there."""

import json
from typing import Any

import pytest

from features.models import AccessToken, Installation
from partners.encryption import seal, unseal
from partners.models import MetaApp
from tests.factories import AccessTokenFactory, BusinessFactory, InstallationFactory, MetaAppFactory
from tests.webhooks.test_processing import business, deliver, install, of_manager
from webhooks.adoption import adopt
from webhooks.models import DeliveredNotice, Delivery
from webhooks.processing import process_inbox
from webhooks.replaying import process_again

Outcome = DeliveredNotice.Outcome


@pytest.fixture
def app(db: None) -> MetaApp:
    """The app that Meta speaks to."""
    return MetaAppFactory.create()


def again(delivery: Delivery) -> DeliveredNotice:
    """The notice of a delivery, processed once more."""
    process_again(Delivery.objects.filter(pk=delivery.pk))
    process_inbox()
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.PROCESSED, delivery.problem
    return delivery.notices.get()


def waiting_token(notice: DeliveredNotice) -> str | None:
    """What the notice keeps for a business to come."""
    return None if notice.sealed_token is None else unseal(notice.sealed_token)


def test_the_stored_body_keeps_all_but_the_token(app: MetaApp) -> None:
    business(app, "salon")
    content = install("salon", access_token="EAAnew", note="書店")
    delivery = deliver(app, content)
    assert b"EAAnew" not in delivery.raw_body
    kept = json.loads(delivery.raw_body)
    assert kept["entry"][0]["changes"][0]["value"].pop("access_token").startswith("***")
    content["entry"][0]["changes"][0]["value"].pop("access_token")
    assert kept == content
    assert delivery.size == len(json.dumps(install("salon", access_token="EAAnew", note="書店")))


def test_a_body_without_secrets_is_not_written_again(app: MetaApp) -> None:
    body = json.dumps(install("salon")).encode()
    sealed = seal(body)
    delivery = Delivery.objects.create(partner=app.partner, meta_app=app, sealed_body=sealed, size=len(body))
    process_inbox()
    delivery.refresh_from_db()
    assert bytes(delivery.sealed_body) == sealed


def test_processed_again_it_hints_again_and_the_installation_keeps_its_token(app: MetaApp) -> None:
    business(app, "salon")
    delivery = deliver(app, install("salon", access_token="EAAnew"))
    body = delivery.raw_body
    assert again(delivery).outcome == Outcome.HINTED
    assert [each.secret for each in AccessToken.objects.all()] == ["EAAnew"]
    assert delivery.raw_body == body


def test_a_token_that_waits_for_its_business_goes_on_waiting(app: MetaApp) -> None:
    delivery = deliver(app, install("walk-in", access_token="EAAnew"))
    for _ in range(2):
        assert waiting_token(again(delivery)) == "EAAnew"
    adopt(delivery.notices.get())
    assert AccessToken.objects.get().secret == "EAAnew"
    assert again(delivery).outcome == Outcome.HINTED
    assert waiting_token(delivery.notices.get()) is None
    assert AccessToken.objects.get().secret == "EAAnew"


def test_a_repetition_finds_the_token_with_the_first_notice(app: MetaApp) -> None:
    content = install("walk-in", access_token="EAAnew")
    deliver(app, content)
    second = deliver(app, content)
    assert second.notices.get().outcome == Outcome.DUPLICATE
    business(app, "walk-in")
    assert again(second).outcome == Outcome.HINTED
    assert AccessToken.objects.get().secret == "EAAnew"


@pytest.mark.parametrize("field", ["business_integration_install", "leadgen"])
def test_a_token_that_nobody_can_use_yet_stays_with_its_notice(app: MetaApp, field: str) -> None:
    content = of_manager(field, "77")
    content["entry"][0]["changes"][0]["value"]["access_token"] = "EAAnew"
    delivery = deliver(app, content)
    assert b"EAAnew" not in delivery.raw_body
    assert waiting_token(delivery.notices.get()) == "EAAnew"
    InstallationFactory.create(meta_app=app, business_manager_id="77")
    notice = again(delivery)
    if field == "leadgen":
        assert (notice.outcome, waiting_token(notice)) == (Outcome.IGNORED, "EAAnew")
    else:
        assert (notice.outcome, waiting_token(notice)) == (Outcome.HINTED, None)
        assert AccessToken.objects.get().secret == "EAAnew"


def test_an_installation_that_joins_later_gets_the_token_from_the_others(app: MetaApp) -> None:
    InstallationFactory.create(meta_app=app, business_manager_id="77")
    content = of_manager("business_integration_update", "77")
    content["entry"][0]["changes"][0]["value"]["access_token"] = "EAAnew"
    delivery = deliver(app, content)
    later = InstallationFactory.create(meta_app=app, business_manager_id="77")
    again(delivery)
    assert AccessToken.objects.get(installation=later).secret == "EAAnew"


def test_another_partners_token_is_no_source(app: MetaApp) -> None:
    business(app, "salon")
    delivery = deliver(app, install("salon", access_token="EAAnew"))
    AccessToken.objects.all().delete()
    foreign = AccessTokenFactory.create(secret="EAAnew")
    again(delivery)
    assert [each.installation for each in AccessToken.objects.all()] == [foreign.installation]


def test_two_tokens_in_one_second_are_two_notices(app: MetaApp) -> None:
    business(app, "salon")
    for token in ("EAAone", "EAAtwo"):
        assert deliver(app, install("salon", access_token=token)).notices.get().outcome == Outcome.HINTED
    assert {each.secret for each in AccessToken.objects.all()} == {"EAAone", "EAAtwo"}


def test_a_delivery_stored_whole_by_an_earlier_version_is_rid_of_its_token_when_processed_again(app: MetaApp) -> None:
    business(app, "salon")
    delivery = deliver(app, install("salon", access_token="EAAnew"))
    body = json.dumps(install("salon", access_token="EAAnew")).encode()
    Delivery.objects.filter(pk=delivery.pk).update(sealed_body=seal(body))
    delivery.notices.update(digest="as it was computed then")
    assert again(delivery).outcome == Outcome.HINTED
    assert b"EAAnew" not in delivery.raw_body


@pytest.mark.parametrize("body", [b'{"access_token": "EAAnew", ', b'{"access_token": "EAAnew"}', b'"EAAnew"'])
def test_an_unreadable_body_stays_whole(app: MetaApp, body: bytes) -> None:
    delivery = deliver(app, body)
    assert delivery.status == Delivery.Status.UNREADABLE
    assert delivery.raw_body == body


def test_a_thousand_notices_lose_their_tokens_together(app: MetaApp) -> None:
    names = [f"shop-{number}" for number in range(5)]
    for name in names:
        BusinessFactory.create(partner=app.partner, external_business_id=name)
    content: dict[str, Any] = install(*[names[number % 5] for number in range(1000)], access_token="EAAshared")
    delivery = deliver(app, content)
    assert b"EAAshared" not in delivery.raw_body
    assert Installation.objects.filter(access_tokens__isnull=False).count() == 5
