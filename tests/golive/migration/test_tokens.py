"""Whatever is wrong with a token, its app or Meta itself, while the tokens of a file are checked."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from features.activation import running as activating
from features.management_view import management_url
from features.models import AccessToken, Change, Feature, Installation
from features.sync import drain
from features.uninstalling.asking import ask
from features.uninstalling.models import Uninstall
from features.uninstalling.running import drain as uninstall
from golive.migration import taking
from golive.migration.models import Import, ImportPart
from golive.migration.wording import reasons_text
from partners.models import MetaApp
from partners.tenancy import tenant
from tests.golive.migration.files import HEAD, arrived, line, reasons, taken
from tests.meta import Meta, hint

pytestmark = pytest.mark.django_db(transaction=True)

State, Reason = Installation.State, Installation.Reason


def control(meta: Meta, path: str, **body: Any) -> Any:
    """A call of the sandbox's control API."""
    answer = requests.post(f"{meta.url}/sandbox/api/{path}", json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def state_of(name: str) -> tuple[str, str]:
    """In which state an installation is, and why."""
    row = Installation.objects.get(business__external_business_id=name)
    return row.state, row.reason


def page_token(meta: Meta) -> str:
    """A Page's token, as Meta gives it."""
    token = meta.connect("shop-1", "messaging")
    (connection,) = meta.counters()["connections"]
    page = connection["chosen_pages"][0]
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{meta.url}/v25.0/{page}", {"fields": "access_token"}, headers=headers, timeout=30)
    return str(answer.json()["access_token"])


def expired(meta: Meta) -> str:
    """A token that was one."""
    token = meta.connect("shop-1", "catalog")
    meta.change("shop-1", kill_tokens=463)
    return token


def of_another_app(meta: Meta) -> str:
    """A token that another app was given."""
    control(meta, "apps", app_id="77", app_secret="of the other app")
    wish = {"app_id": "77", "external_business_id": "shop-1", "features": ["catalog"]}
    return str(control(meta, "connections", **wish)["access_token"])


def without_the_permission(meta: Meta) -> str:
    """A token whose business does not share what the installs API needs."""
    wish = {"app_id": meta.app.app_id, "external_business_id": "shop-1", "features": ["catalog"]}
    return str(control(meta, "connections", **wish, scopes=["catalog_management"])["access_token"])


@pytest.mark.parametrize(
    ("make", "said", "reason"),
    [
        (expired, "Error validating access token", Reason.TOKEN_EXPIRED),
        (of_another_app, "did not match the Viewing App", Reason.TOKEN_DEAD),
        (page_token, "Page", Reason.TOKEN_DEAD),
        (without_the_permission, "manage_business_extension", Reason.TOKEN_DEAD),
    ],
)
def test_with_a_token_of_no_use_the_business_is_asked_to_reconnect_and_told_why(
    meta: Meta, make: Any, said: str, reason: str
) -> None:
    run = taken(arrived(meta, HEAD + line("shop-1", make(meta))))
    assert (run.imported, run.to_reconnect, run.rejected) == (0, 1, 0)
    assert state_of("shop-1") == (State.RECONNECT, reason)
    (said_of_the_row,) = reasons(run).values()
    assert said in reasons_text(said_of_the_row) and said in AccessToken.objects.get().why_dead
    assert said in Installation.objects.get().explanation
    calls = meta.calls()
    drain()
    assert meta.calls() == calls


def test_with_a_token_of_another_business_the_business_is_asked_to_reconnect_at_its_first_sync(meta: Meta) -> None:
    token = meta.connect("other", "catalog")
    assert taken(arrived(meta, HEAD + line("shop-1", token))).imported == 1
    drain()
    assert state_of("shop-1") == (State.RECONNECT, Reason.NOT_VISIBLE)
    assert list(Change.objects.values_list("kind", "cause")) == [("reconnect", "import")]


def test_a_token_that_dies_between_the_check_and_the_first_sync_asks_for_reconnection(meta: Meta) -> None:
    taken(arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "catalog"))))
    meta.change("shop-1", kill_tokens=460)
    drain()
    assert state_of("shop-1") == (State.RECONNECT, Reason.PASSWORD_CHANGED)


def test_what_an_import_brings_is_no_reconnect_of_whoever_is_being_uninstalled(meta: Meta) -> None:
    installation = meta.installation("shop-1", "catalog")
    drain()
    with tenant(installation.partner_id):
        row = ask(installation, by="ada")
    assert taken(arrived(meta, HEAD + line("shop-1", meta.connect("shop-1")))).imported == 1
    assert AccessToken.objects.get(kind=AccessToken.Kind.LOGIN, is_imported=True).received_at > row.asked_at
    while uninstall():
        drain()
    row.refresh_from_db()
    assert (row.state, row.reason, row.connected_anew_at) == (Uninstall.State.GONE, "", None)
    assert state_of("shop-1") == (State.DISCONNECTED, Reason.UNINSTALLED_BY_STAFF)


def test_a_business_that_has_left_meta_is_imported_as_disconnected(meta: Meta) -> None:
    token = meta.connect("shop-1", "catalog")
    meta.change("shop-1", uninstall=True, keep_tokens=True)
    assert taken(arrived(meta, HEAD + line("shop-1", token))).imported == 1
    drain()
    assert state_of("shop-1") == (State.DISCONNECTED, Reason.UNINSTALLED)


def test_a_business_whose_token_died_before_the_import_has_v2s_management_view(meta: Meta) -> None:
    head, row = HEAD.rstrip("\n"), line("shop-1", expired(meta)).rstrip("\n")
    taken(arrived(meta, f"{head},business_manager_id\n{row},555\n"))
    drain()
    installation = Installation.objects.get()
    assert (installation.state, installation.mbe_version) == (State.RECONNECT, "")
    assert "/facebook_business_extension/management/?app_id=" in management_url(installation)


def test_a_later_token_of_a_business_to_reconnect_connects_it(meta: Meta) -> None:
    taken(arrived(meta, HEAD + line("shop-1", expired(meta))))
    run = taken(arrived(meta, HEAD + line("shop-1", meta.connect("shop-1"))))
    assert run.imported == 1
    drain()
    assert state_of("shop-1") == (State.CONNECTED, "")


def test_a_business_that_was_uninstalled_comes_back_only_if_meta_says_so(meta: Meta) -> None:
    installation = meta.installation("shop-1", "catalog")
    drain()
    meta.change("shop-1", uninstall=True)
    hint(installation, says_uninstall=True)
    drain()
    assert state_of("shop-1") == (State.DISCONNECTED, Reason.UNINSTALLED)
    run = taken(arrived(meta, HEAD + line("shop-1", "EAAB-a-dead-token")))
    assert run.to_reconnect == 1 and state_of("shop-1")[0] == State.DISCONNECTED
    taken(arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "catalog"))))
    drain()
    assert state_of("shop-1") == (State.CONNECTED, "")


@pytest.mark.parametrize("is_alive", [True, False])
def test_a_business_that_v3_connected_keeps_its_features_and_its_living_token(meta: Meta, is_alive: bool) -> None:
    installation = meta.installation("shop-1", "catalog", "pixel")
    drain()
    before = list(Feature.objects.order_by("pk").values())
    token = meta.connect("shop-1") if is_alive else "EAAB-a-dead-token"
    run = taken(arrived(meta, HEAD + line("shop-1", token)))
    assert (run.imported, run.to_reconnect) == (1, 0)
    drain()
    installation.refresh_from_db()
    assert (installation.state, installation.mbe_version) == (State.CONNECTED, "v3")
    assert list(Feature.objects.order_by("pk").values()) == before
    assert AccessToken.objects.filter(dead_at=None, kind="system_user").count() == 1


def test_a_limit_of_the_app_in_the_middle_pauses_the_app_and_is_waited_out(meta: Meta) -> None:
    token = meta.connect("shop", "catalog")
    run = arrived(meta, HEAD + "".join(line(f"shop-{each}", token) for each in range(60)))
    taking.take(run.partner_id, run.pk, lambda _run: meta.fail("rate_limit_app", path="batch"))
    run.refresh_from_db()
    assert (run.state, run.imported, run.problem) == (Import.State.WAITING, 50, "waits")
    assert MetaApp.objects.get(pk=run.meta_app_id).paused_until and taking.to_take() == []
    MetaApp.objects.update(paused_until=None)
    Import.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    run = taken(run)
    assert (run.state, run.imported, run.problem) == (Import.State.DONE, 60, "")


def test_an_import_that_got_on_since_is_not_given_up_for_older_failures(meta: Meta) -> None:
    token = meta.connect("shop", "catalog")
    run = arrived(meta, HEAD + "".join(line(f"shop-{each}", token) for each in range(60)))
    Import.objects.update(failures=taking.MOST_FAILURES)
    taking.take(run.partner_id, run.pk, lambda _run: meta.fail("server_error", path="batch"))
    run.refresh_from_db()
    assert (run.state, run.imported, run.failures) == (Import.State.WAITING, 50, 1)


def test_a_limit_inside_a_batch_that_lasts_is_waited_out(meta: Meta) -> None:
    token = meta.connect("shop", "catalog")
    run = arrived(meta, HEAD + "".join(line(f"shop-{each}", token) for each in range(20)))
    meta.fail("rate_limit_app", path="token", count=21)
    assert taken(run).state == Import.State.WAITING
    MetaApp.objects.update(paused_until=None)
    Import.objects.update(not_before=None)
    assert taken(run).imported == 20


def test_an_app_whose_secret_is_wrong_stops_the_import_until_somebody_has_seen_to_it(meta: Meta) -> None:
    run = arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "catalog")))
    secret = meta.app.secret
    meta.app.secret = "wrong"
    meta.app.save()
    run = taken(run)
    assert run.state == Import.State.STOPPED and run.problem.startswith("meta:") and ImportPart.objects.exists()
    meta.app.secret = secret
    meta.app.save()
    assert taking.resume(run) and taken(run).imported == 1


def test_nobody_takes_over_while_slow_tokens_are_asked_about_one_by_one(meta: Meta, settings: Settings) -> None:
    settings.CLAIM_SECONDS = 7
    run = arrived(meta, HEAD + "".join(line(f"shop-{each}", meta.connect(f"shop-{each}")) for each in range(3)))
    meta.turn(refuse_batch=True, slow_seconds=2.5)
    free: list[tuple[int, int]] = []
    is_done = threading.Event()

    def look() -> None:
        while not is_done.wait(0.2):
            free.extend(taking.to_take())
        connection.close()

    with ThreadPoolExecutor(1) as aside:
        is_claimed = aside.submit(look)
        try:
            taking.take(run.partner_id, run.pk)
        finally:
            is_done.set()
        is_claimed.result()
    run.refresh_from_db()
    assert (run.state, run.imported) == (Import.State.DONE, 3)
    # The first look may come before the import is claimed.
    assert len(free) <= 1


def test_the_scopes_that_the_check_tells_are_not_asked_for_again_by_the_first_look(meta: Meta) -> None:
    taken(arrived(meta, HEAD + line("shop-1", meta.connect("shop-1", "ads"))))
    drain()
    asked = meta.calls("debug_token")
    assert activating.drain() == 1
    assert meta.calls("debug_token") == asked == 1
    steps = Feature.objects.get().activation.steps
    assert "permissions" in str(steps)
