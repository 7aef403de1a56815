"""An app's secret is replaced, and no webhook is lost by it."""

import json
import threading
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from mbe.signature import sign
from partners.audit.models import Action, AuditEntry
from partners.encryption import unseal
from partners.models import MetaApp, Role
from sandbox.server import RunningSandbox
from tests.admin_rows import page, signed_in, tool
from tests.factories import MembershipFactory, MetaAppFactory
from tests.waiting import eventually
from tests.webhooks.test_endpoint import post
from webhooks import endpoint
from webhooks.models import Delivery, RefusedCount

OLD, NEW = "the old secret", "the new secret"


@pytest.fixture
def app(db: None) -> MetaApp:
    """The app whose secret changes."""
    return MetaAppFactory.create(secret=OLD)


@pytest.fixture
def owner(app: MetaApp) -> Client:
    """The browser of an owner."""
    return signed_in(MembershipFactory.create(partner=app.partner).user)


def replace(client: Client, app: MetaApp, secret: str, **other: str) -> Any:
    """Type a secret into the app's form."""
    data = {"name": app.name, "new_secret": secret, "new_verify_token": "", "features": ["ads"], **other}
    answer = client.post(page("partners_metaapp", app), data)
    endpoint._known.clear()
    return answer


def statuses(client: Client, app: MetaApp, *secrets: str) -> list[int]:
    """What the endpoint answers to bodies signed with these."""
    return [post(client, app, b"{}", sign(b"{}", each)).status_code for each in secrets]


def test_the_one_before_verifies_until_it_is_retired(client: Client, owner: Client, app: MetaApp) -> None:
    replace(owner, app, NEW)
    assert statuses(client, app, NEW, OLD, "another") == [200, 200, 403]
    assert "Retire the previous secret" in owner.get(page("partners_metaapp", app)).content.decode()
    address = tool("partners_metaapp", app, "press_retire")
    assert "will be refused" in owner.get(address).content.decode()
    owner.post(address)
    endpoint._known.clear()
    assert statuses(client, app, NEW, OLD) == [200, 403]
    assert owner.get(address).status_code == 404
    assert AuditEntry.objects.filter(action=Action.SECRET_RETIRED, object_id=str(app.pk)).exists()


def test_a_manager_retires_nothing(app: MetaApp, owner: Client) -> None:
    replace(owner, app, NEW)
    manager = signed_in(MembershipFactory.create(partner=app.partner, role=Role.MANAGER).user)
    assert manager.post(tool("partners_metaapp", app, "press_retire")).status_code == 403
    app.refresh_from_db()
    assert app.sealed_previous_secret is not None


def test_the_page_says_when_the_one_before_was_needed_and_writes_no_more_than_that(
    client: Client, owner: Client, app: MetaApp
) -> None:
    endpoint._noted.clear()
    replace(owner, app, NEW)
    assert "No webhook has needed it since." in owner.get(page("partners_metaapp", app)).content.decode()
    assert statuses(client, app, OLD, OLD, OLD) == [200] * 3
    assert RefusedCount.objects.get().count == 1
    content = owner.get(page("partners_metaapp", app)).content.decode()
    assert "A webhook last needed it on" in content
    assert "<td>1</td>" not in content, "it was not refused"


def test_to_replace_it_again_ends_the_one_before_and_the_form_says_so(
    client: Client, owner: Client, app: MetaApp
) -> None:
    replace(owner, app, "a middle secret")
    assert "that one ends at once" in owner.get(page("partners_metaapp", app)).content.decode()
    replace(owner, app, NEW)
    assert statuses(client, app, NEW, "a middle secret", OLD) == [200, 200, 403]


def test_the_same_secret_again_changes_nothing(owner: Client, app: MetaApp) -> None:
    replace(owner, app, NEW)
    replace(owner, app, NEW)
    app.refresh_from_db()
    assert app.sealed_previous_secret is not None and unseal(app.sealed_previous_secret) == OLD


def test_no_secret_is_shown_also_where_the_form_is_refused(owner: Client, app: MetaApp) -> None:
    replace(owner, app, "a-secret-5521")
    answers = [owner.get(page("partners_metaapp", app)), replace(owner, app, "a-secret-5521x", name="")]
    answers += [owner.get(page("partners_metaapp", app, "history"))]
    for answer in answers:
        assert answer.status_code == 200
        content = answer.content.decode()
        assert not any(each in content for each in ("5521", OLD, "verify-token"))


def test_the_command_keeps_the_one_before_as_well(client: Client, app: MetaApp) -> None:
    call_command("add_partner", app.partner.slug, "--app-id", app.app_id, "--app-secret", NEW)
    assert statuses(client, app, NEW, OLD) == [200, 200]


def test_no_webhook_is_lost_while_the_secret_changes_at_meta(
    transactional_db: None, sandbox: RunningSandbox, live_server: LiveServer
) -> None:
    app = MetaAppFactory.create(secret=OLD)

    def at_meta(secret: str) -> None:
        callback = f"{live_server.url}/webhooks/meta/{app.app_id}/"
        body = {"app_id": app.app_id, "app_secret": secret, "callback_url": callback, "verify_token": "verify-token"}
        requests.post(f"{sandbox.url}/sandbox/api/apps", json=body, timeout=10).raise_for_status()

    def send(first: int) -> None:
        for number in range(first, first + 10):
            wish = {"app_id": app.app_id, "external_business_id": f"shop-{number}", "features": ["pixel"]}
            body = json.dumps({**wish, "send_webhook": True})
            requests.post(f"{sandbox.url}/sandbox/api/connections", body, timeout=10).raise_for_status()

    at_meta(OLD)
    send(0)
    sender = threading.Thread(target=send, args=[10])
    sender.start()
    call_command("add_partner", app.partner.slug, "--app-id", app.app_id, "--app-secret", NEW)
    sender.join()
    at_meta(NEW)
    send(20)
    state = f"{sandbox.url}/sandbox/api/state"
    eventually(lambda: requests.get(state, timeout=10).json()["webhooks_waiting"] == 0, within=30)
    assert Delivery.objects.count() >= 30
    log = requests.get(state, timeout=10).json()["webhooks"]
    assert {each["status"] for each in log} == {"delivered"}
