"""Webhooks bring ever new tokens while something waits for a permission: none is exchanged that brings nothing."""

import pytest

from features.activation.models import Activation
from features.activation.running import run_one
from features.models import AccessToken, Cause, Installation
from features.sync import drain
from features.tokens import KEPT_OF_A_KIND, ReceivedToken, alive_tokens_of, keep
from tests.features.test_crowds import CROWD
from tests.features.test_newer_logins import FIRST, SECOND, granted, log_in
from tests.features.test_sync import sync
from tests.meta import Meta, hint

pytestmark = pytest.mark.django_db(transaction=True)

ALL = [*FIRST, *SECOND]


@pytest.fixture
def shop(meta: Meta) -> Installation:
    """A business whose ads wait for a permission that the merchant has not granted."""
    shop = meta.installation("shop", "ads")
    meta.change("shop", withheld_scopes=["ads_read"])
    AccessToken.objects.all().delete()
    token = meta.connect("shop", scopes=ALL, token_kind="SYSTEM_USER")
    keep([ReceivedToken(shop, token, AccessToken.Kind.SYSTEM_USER, scopes=ALL)])
    sync(shop)
    run_one(shop.partner_id, shop.pk)
    assert Activation.objects.get().state == "action_needed"
    return shop


def exchanges(meta: Meta) -> int:
    """How often a token was asked for."""
    return meta.calls("system_user_token")


@pytest.mark.parametrize("scopes", [ALL, FIRST, [*ALL, "leads_retrieval"]])
def test_a_new_token_of_each_webhook_costs_a_look_and_no_exchange(
    meta: Meta, shop: Installation, scopes: list[str]
) -> None:
    held = [each.pk for each in alive_tokens_of(shop.pk)]
    requested, before = Activation.objects.get().requested, meta.calls("debug_token")
    for _ in range(4):
        log_in(meta, shop, scopes, by=Cause.WEBHOOK)
        sync(shop)
    assert exchanges(meta) == 0
    assert meta.calls("debug_token") == before + 2 * 4, "the new one and the one held"
    assert [each.pk for each in alive_tokens_of(shop.pk) if each.kind == "system_user"] == held
    assert Activation.objects.get().requested == requested, "nothing has come that would be worth a look"


def test_the_same_token_is_not_asked_about_again(meta: Meta, shop: Installation) -> None:
    token = meta.connect("shop", scopes=ALL)
    before = meta.calls("debug_token")
    for _ in range(3):
        keep([ReceivedToken(shop, token)])
        hint(shop)
        sync(shop)
    assert (exchanges(meta), meta.calls("debug_token")) == (0, before + 2)


def test_a_token_that_comes_back_after_it_was_dropped_is_not_exchanged(meta: Meta, shop: Installation) -> None:
    tokens = [meta.connect("shop", scopes=ALL) for _ in range(KEPT_OF_A_KIND + 1)]
    for token in [*tokens, *tokens]:
        keep([ReceivedToken(shop, token)])
        hint(shop)
        sync(shop)
    assert exchanges(meta) == 0


def test_a_token_that_may_do_more_is_exchanged(meta: Meta, shop: Installation) -> None:
    AccessToken.objects.all().delete()
    poor = meta.connect("shop", scopes=SECOND, token_kind="SYSTEM_USER")
    keep([ReceivedToken(shop, poor, AccessToken.Kind.SYSTEM_USER, scopes=ALL)])
    meta.change("shop", withheld_scopes=[])
    log_in(meta, shop, ALL, by=Cause.WEBHOOK)
    sync(shop)
    assert exchanges(meta) == 1
    assert "catalog_management" in granted(meta, shop)
    log_in(meta, shop, ALL, by=Cause.WEBHOOK)
    sync(shop)
    assert exchanges(meta) == 1, "the next one brings nothing more"


def test_what_the_token_held_may_do_by_now_is_looked_at(meta: Meta, shop: Installation) -> None:
    meta.change("shop", withheld_scopes=[])
    log_in(meta, shop, ALL, by=Cause.WEBHOOK)
    sync(shop)
    assert exchanges(meta) == 0
    assert run_one(shop.partner_id, shop.pk)
    assert Activation.objects.get().state == "active"


def test_where_meta_does_not_say_what_a_token_may_do_it_is_exchanged(meta: Meta, shop: Installation) -> None:
    log_in(meta, shop, ALL, by=Cause.WEBHOOK)
    meta.fail("server_error", path="token", count=2)
    sync(shop)
    assert exchanges(meta) == 1


def test_a_login_that_is_dead_is_buried(meta: Meta, shop: Installation) -> None:
    meta.connect("shop", scopes=ALL)
    log_in(meta, shop, ALL, by=Cause.WEBHOOK)
    meta.change("shop", kill_tokens=460, token_kind="USER")
    sync(shop)
    assert AccessToken.objects.get(kind="login").dead_at is not None
    assert sync(shop).state == Installation.State.CONNECTED


def test_the_new_tokens_of_a_crowd_are_asked_about_in_batches(meta: Meta) -> None:
    shops = [meta.installation(f"shop-{number}", "ads") for number in range(CROWD)]
    drain()
    for each in shops:
        meta.change(each.business.external_business_id, withheld_scopes=["ads_read"])
    Activation.objects.update(steps=[{"step": "permissions_missing", "facts": {"permissions": ["ads_read"]}}])
    before = meta.counters()
    for each in shops:
        keep([ReceivedToken(each, meta.connect(each.business.external_business_id))])
        hint(each)
    drain()
    after = meta.counters()
    counted = {
        name: after["operations"].get(name, 0) - before["operations"].get(name, 0) for name in after["operations"]
    }
    assert (counted.get("system_user_token", 0), counted["debug_token"]) == (0, 2 * CROWD)
    assert after["batches"]["debug_token"] - before["batches"].get("debug_token", 0) < CROWD
