"""A further login that grants more: its token is exchanged too, and the one before stays until it is not needed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from features.activation.models import Activation
from features.activation.running import run_one
from features.graph import assets_for
from features.models import AccessToken, Cause, Installation
from features.sync import drain
from features.tokens import ReceivedToken, alive_tokens_of, keep
from mbe.catalog import BASE_SCOPE
from tests.features.test_crowds import CROWD
from tests.features.test_sync import sync
from tests.meta import Meta, hint

pytestmark = pytest.mark.django_db(transaction=True)

FIRST, SECOND = [BASE_SCOPE, "catalog_management"], [BASE_SCOPE, "ads_management", "ads_read"]


def log_in(meta: Meta, installation: Installation, scopes: list[str], *, by: Cause = Cause.RETURN, **more: Any) -> None:
    """Somebody signs in at Meta with these permissions, and comes back, or a webhook brings the token."""
    token = meta.connect(installation.business.external_business_id, scopes=scopes, **more)
    keep([ReceivedToken(installation, token, scopes=scopes if by == Cause.RETURN else ())])
    hint(installation, by)


@pytest.fixture
def shop(meta: Meta) -> Installation:
    """A business that came through a button that asked for `FIRST`."""
    installation = meta.installation("shop", "page_cta")
    AccessToken.objects.all().delete()
    log_in(meta, installation, FIRST)
    return sync(installation)


def asked_for(installation: Installation) -> list[set[str]]:
    """Of the living system users' tokens in the order in which calls try them: what they were asked for with."""
    return [set(each.scopes) for each in alive_tokens_of(installation.pk) if each.kind == "system_user"]


def granted(meta: Meta, installation: Installation) -> set[str]:
    """What Meta says that the token may do which calls try first."""
    return set(assets_for(meta.app).token_facts(alive_tokens_of(installation.pk)[0].secret).scopes)


def test_a_further_login_brings_a_token_that_may_do_what_both_may(meta: Meta, shop: Installation) -> None:
    assert asked_for(shop) == [set(FIRST)]
    log_in(meta, shop, [*FIRST, *SECOND])
    sync(shop)
    assert asked_for(shop) == [{*FIRST, *SECOND}, set(FIRST)]
    assert granted(meta, shop) == {*FIRST, *SECOND}
    hint(shop)
    sync(shop)
    assert meta.calls("system_user_token") == 2


def test_the_same_button_once_more_brings_what_was_declined_the_first_time(meta: Meta, shop: Installation) -> None:
    AccessToken.objects.filter(kind="system_user").delete()
    keep(
        [
            ReceivedToken(
                shop,
                meta.connect("shop", scopes=[BASE_SCOPE], token_kind="SYSTEM_USER"),
                AccessToken.Kind.SYSTEM_USER,
                scopes=FIRST,
            )
        ]
    )
    assert "catalog_management" not in granted(meta, shop)
    log_in(meta, shop, FIRST)
    sync(shop)
    assert "catalog_management" in granted(meta, shop)


def test_a_login_that_came_by_webhook_is_exchanged_only_where_more_is_needed(meta: Meta, shop: Installation) -> None:
    log_in(meta, shop, FIRST, by=Cause.WEBHOOK)
    sync(shop)
    assert meta.calls("system_user_token") == 1
    log_in(meta, shop, [*FIRST, *SECOND], features=["ads"], by=Cause.WEBHOOK)
    sync(shop)
    assert meta.calls("system_user_token") == 2
    assert asked_for(shop)[0] == {*FIRST, *SECOND}
    log_in(meta, shop, [*FIRST, *SECOND], by=Cause.WEBHOOK)
    sync(shop)
    assert meta.calls("system_user_token") == 2


def test_what_waits_for_a_permission_is_looked_at_again_when_a_new_token_comes(meta: Meta, shop: Installation) -> None:
    meta.change("shop", add=["ads"], withheld_scopes=["ads_read"])
    hint(shop)
    sync(shop)
    run_one(shop.partner_id, shop.pk)
    ads = Activation.objects.get(feature__feature_type="ads")
    assert (ads.state, ads.due_at is None) == ("action_needed", False)
    AccessToken.objects.filter(kind="system_user").update(scopes=[*FIRST, *SECOND])
    before = meta.calls("system_user_token")
    meta.change("shop", withheld_scopes=[])
    log_in(meta, shop, [*FIRST, *SECOND], by=Cause.WEBHOOK)
    sync(shop)
    assert meta.calls("system_user_token") == before, "the one that is held may do it by now"
    assert run_one(shop.partner_id, shop.pk)
    ads.refresh_from_db()
    assert ads.state == "active"


def test_where_meta_refuses_what_both_may_the_new_logins_own_is_asked_for(meta: Meta, shop: Installation) -> None:
    meta.fail("permission", path="token")
    log_in(meta, shop, SECOND)
    sync(shop)
    assert asked_for(shop) == [set(SECOND), set(FIRST)]
    assert meta.calls("system_user_token") == 3


def test_a_new_token_that_meta_refuses_gives_way_to_the_one_before(meta: Meta, shop: Installation) -> None:
    log_in(meta, shop, [*FIRST, *SECOND])
    sync(shop)
    newest = alive_tokens_of(shop.pk)[0]
    meta.fail("permission", path="installs")
    hint(shop)
    sync(shop)
    assert shop.state == Installation.State.CONNECTED
    assert alive_tokens_of(shop.pk)[0] != newest and newest in alive_tokens_of(shop.pk)


def test_a_refused_exchange_leaves_the_token_before_in_use(meta: Meta, shop: Installation) -> None:
    meta.turn(refuse_system_user_token=True)
    log_in(meta, shop, SECOND)
    sync(shop)
    hint(shop)
    sync(shop)
    assert asked_for(shop) == [set(FIRST)]
    assert meta.calls("system_user_token") == 3, "once for all, once for its own, and not again"


def test_the_further_logins_of_a_crowd_are_exchanged_in_batches(meta: Meta) -> None:
    shops = [meta.installation(f"shop-{number}", "pixel") for number in range(CROWD)]
    drain()
    AccessToken.objects.filter(kind="system_user").update(scopes=FIRST)
    before = meta.counters()
    for each in shops:
        log_in(meta, each, [*FIRST, *SECOND])
    drain()
    after = meta.counters()
    assert after["operations"]["system_user_token"] - before["operations"]["system_user_token"] == CROWD
    assert after["batches"]["system_user_token"] > before["batches"]["system_user_token"]


def test_a_token_that_may_do_less_is_not_kept_however_often_somebody_comes_back(meta: Meta, shop: Installation) -> None:
    (first,) = [each.pk for each in alive_tokens_of(shop.pk) if each.kind == "system_user"]
    for _ in range(4):
        log_in(meta, shop, [BASE_SCOPE])
        sync(shop)
    assert [each.pk for each in alive_tokens_of(shop.pk) if each.kind == "system_user"] == [first]
    assert granted(meta, shop) == set(FIRST)


def test_a_login_from_before_the_system_users_token_is_not_exchanged(meta: Meta, shop: Installation) -> None:
    AccessToken.objects.filter(kind="login").delete()
    AccessToken.objects.filter(kind="system_user").update(scopes=[])
    token = meta.connect("shop", scopes=[BASE_SCOPE])
    keep([ReceivedToken(shop, token, scopes=[BASE_SCOPE], received_at=timezone.now() - timedelta(days=1))])
    hint(shop, Cause.RETURN)
    before = meta.calls("system_user_token")
    sync(shop)
    assert meta.calls("system_user_token") == before


def test_a_missing_permission_is_no_end_of_a_connection_that_a_notice_calls_ended(
    meta: Meta, shop: Installation
) -> None:
    faults = [{"kind": "permission", "path": "installs"}, {"kind": "not_visible", "path": "installs", "count": 5}]
    meta.turn(fail_next=faults)
    hint(shop, says_uninstall=True)
    sync(shop)
    assert (shop.state, shop.reason) == (Installation.State.RECONNECT, Installation.Reason.PERMISSION)


def test_a_permission_that_all_tokens_lack_costs_two_calls(meta: Meta, shop: Installation) -> None:
    for _ in range(3):
        keep([ReceivedToken(shop, meta.connect("shop", scopes=FIRST), scopes=FIRST)])
    before = meta.calls("configuration")
    meta.fail("permission", path="configuration", count=20)
    hint(shop)
    sync(shop)
    assert meta.calls("configuration") == before + 2


@pytest.mark.parametrize(
    ("cause", "age", "asked"),
    [(Cause.WEBHOOK, timedelta(0), 0), (Cause.STAFF, timedelta(0), 1), (Cause.WEBHOOK, timedelta(hours=2), 1)],
)
def test_a_further_look_takes_what_is_new_and_asks_where_a_person_does(
    meta: Meta, cause: Cause, age: timedelta, asked: int
) -> None:
    shop = meta.installation("salon", "ads")
    AccessToken.objects.update(scopes=[*FIRST, *SECOND], scopes_are_granted=True, kind="system_user")
    sync(shop)
    assert run_one(shop.partner_id, shop.pk)
    assert meta.calls("debug_token") == 0
    AccessToken.objects.update(received_at=timezone.now() - age)
    Activation.objects.update(due_at=timezone.now(), requested=F("requested") + 1, cause=cause)
    assert run_one(shop.partner_id, shop.pk)
    assert meta.calls("debug_token") == asked


@pytest.mark.parametrize(("is_checked", "asked"), [(True, 0), (False, 1)])
def test_what_meta_said_of_a_login_holds_for_the_token_that_it_is_exchanged_for(
    meta: Meta, is_checked: bool, asked: int
) -> None:
    shop = meta.installation("salon", "ads")
    AccessToken.objects.all().delete()
    scopes = [*FIRST, *SECOND]
    token = meta.connect("salon", "ads", scopes=scopes)
    keep([ReceivedToken(shop, token, scopes=scopes, scopes_are_granted=is_checked)])
    hint(shop)
    sync(shop)
    assert asked_for(shop) == [set(scopes)]
    assert run_one(shop.partner_id, shop.pk)
    assert meta.calls("debug_token") == asked
