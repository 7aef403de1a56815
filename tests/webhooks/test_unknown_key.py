"""A ciphertext whose key is gone: wherever it surfaces the problem is named, and nothing is lost."""

import json

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from pytest_django import Settings

from features.models import AccessToken, Installation
from features.sync import drain, sync_one
from partners.models import MetaApp
from tests.admin_rows import delivery_of, notice_of, page, signed_in, tool
from tests.factories import MembershipFactory
from tests.meta import Meta
from tests.webhooks.test_endpoint import post
from tests.webhooks.test_processing import install
from webhooks import endpoint
from webhooks.models import DeliveredNotice, Delivery
from webhooks.processing import process_inbox
from webhooks.replaying import process_again

NAMED = "ENCRYPTION_KEYS"


@pytest.fixture
def installation(meta: Meta) -> Installation:
    """A business that is connected at the sandbox, and due for a sync."""
    return meta.installation("salon", "pixel")


@pytest.fixture
def owner(installation: Installation) -> Client:
    """The browser of an owner."""
    return signed_in(MembershipFactory.create(partner=installation.partner).user)


def lose_the_key(settings: Settings) -> tuple[str, ...]:
    """Have another key alone; gives back the ones that were there."""
    before: tuple[str, ...] = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = (Fernet.generate_key().decode(),)
    endpoint._known.clear()
    return before


def test_a_sync_names_it_and_comes_through_when_the_key_is_back(installation: Installation, settings: Settings) -> None:
    before = lose_the_key(settings)
    assert not sync_one(installation.partner_id, installation.pk)
    installation.refresh_from_db()
    assert NAMED in installation.last_error
    assert installation.state == Installation.State.PENDING
    settings.ENCRYPTION_KEYS = before
    Installation.objects.update(not_before=None)
    drain()
    installation.refresh_from_db()
    assert installation.state == Installation.State.CONNECTED


def test_the_endpoint_asks_meta_to_come_again_and_logs_it(
    client: Client, meta: Meta, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app = MetaApp.objects.get(pk=meta.app.pk)
    before = lose_the_key(settings)
    assert post(client, app, b"{}", "sha256=" + "0" * 64).status_code == 503
    assert NAMED in caplog.text
    assert not Delivery.objects.exists()
    settings.ENCRYPTION_KEYS = before
    assert post(client, app, b"{}").status_code == 200


def test_a_delivery_is_kept_and_processed_when_the_key_is_back(installation: Installation, settings: Settings) -> None:
    body = json.dumps(install("salon", access_token="EAAnew")).encode()
    delivery = delivery_of(installation, body, status=Delivery.Status.RECEIVED)
    before = lose_the_key(settings)
    process_inbox()
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.FAILED and NAMED in delivery.problem
    settings.ENCRYPTION_KEYS = before
    process_again(Delivery.objects.all())
    process_inbox()
    assert "EAAnew" in [each.secret for each in AccessToken.objects.all()]


def test_pages_of_the_admin_name_it(owner: Client, installation: Installation, settings: Settings) -> None:
    delivery = delivery_of(installation)
    lose_the_key(settings)
    assert NAMED in owner.get(page("webhooks_delivery", delivery)).content.decode()
    assert NAMED in owner.get(page("partners_metaapp", installation.meta_app)).content.decode()


def test_a_business_whose_token_cannot_be_read_is_not_adopted(
    owner: Client, installation: Installation, settings: Settings
) -> None:
    notice = notice_of(delivery_of(installation), "walk-in")
    before = lose_the_key(settings)
    answer = owner.post(tool("webhooks_deliverednotice", notice, "press_adopt"), follow=True)
    assert NAMED in answer.content.decode()
    notice.refresh_from_db()
    assert notice.outcome == DeliveredNotice.Outcome.UNKNOWN_BUSINESS and notice.sealed_token
    settings.ENCRYPTION_KEYS = before
    answer = owner.post(tool("webhooks_deliverednotice", notice, "press_adopt"), follow=True)
    assert "1 business adopted." in answer.content.decode()


def test_a_secret_that_is_typed_in_again_heals_the_app(
    client: Client, owner: Client, installation: Installation, settings: Settings
) -> None:
    app = installation.meta_app
    lose_the_key(settings)
    data = {"name": app.name, "new_secret": "typed again", "new_verify_token": "as well", "features": ["ads"]}
    owner.post(page("partners_metaapp", app), data)
    app = MetaApp.objects.get(pk=app.pk)
    assert (app.secret, app.verify_token, app.sealed_previous_secret) == ("typed again", "as well", None)
    assert post(client, app, b"{}").status_code == 200
