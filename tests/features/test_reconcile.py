"""The regular look at every connection, in batches."""

from datetime import timedelta

import pytest
from django.utils import timezone

from features.models import AccessToken, Change, Installation
from features.reconcile import reconcile
from features.sync import drain
from tests.features.test_sync import installed
from tests.meta import Meta, hint


def connected(meta: Meta, count: int) -> list[Installation]:
    """So many connected businesses whose reconcile is due."""
    meta.turn(refuse_system_user_token=True)
    installations = [meta.installation(f"shop-{number}", "pixel") for number in range(count)]
    drain()
    make_due()
    return installations


def make_due() -> None:
    """Let every reconcile be due."""
    Installation.objects.update(reconcile_at=timezone.now() - timedelta(seconds=1))


def test_fifty_businesses_cost_one_request_for_the_installs_and_one_for_the_configuration(meta: Meta) -> None:
    installations = connected(meta, 50)
    before = meta.counters()["requests"]
    assert reconcile() == 50
    after = meta.counters()["requests"]
    assert after["batch"] - before.get("batch", 0) == 2
    assert after["installs"] == before["installs"]
    assert not Installation.objects.filter(reconcile_at__lte=timezone.now()).exists()
    assert all(each.requested_generation == each.applied_generation for each in Installation.objects.all())
    assert len(installations) == 50


def test_what_a_lost_webhook_left_out_is_found_with_its_cause(meta: Meta) -> None:
    installation = connected(meta, 2)[0]
    meta.change("shop-0", add=["catalog"])
    reconcile()
    assert installed(installation) == {"pixel", "catalog"}
    assert Change.objects.get(feature__feature_type="catalog").cause == "reconcile"


def test_a_refused_batch_falls_back_to_single_calls(meta: Meta) -> None:
    installation = connected(meta, 3)[0]
    meta.change("shop-0", add=["catalog"])
    meta.turn(refuse_batch=True)
    reconcile()
    assert drain() == 3
    assert installed(installation) == {"pixel", "catalog"}


@pytest.mark.parametrize("kind", ["server_error", "unfinished", "empty_body"])
def test_one_failing_business_of_a_batch_is_left_to_a_sync_of_its_own(meta: Meta, kind: str) -> None:
    first, second = connected(meta, 2)
    meta.change("shop-0", add=["catalog"])
    meta.change("shop-1", add=["catalog"])
    meta.fail(kind, path="installs", external_business_id="shop-0")
    reconcile()
    assert installed(second) == {"pixel", "catalog"}
    assert installed(first) == {"pixel"}
    assert drain() == 1
    assert installed(first) == {"pixel", "catalog"}


def test_a_dead_token_in_a_batch_asks_for_reconnection(meta: Meta) -> None:
    first, second = connected(meta, 2)
    meta.change("shop-0", kill_tokens=463)
    reconcile()
    drain()
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.state == Installation.State.RECONNECT
    assert first.reason == Installation.Reason.TOKEN_EXPIRED and "190" in first.reason_detail
    assert second.state == Installation.State.CONNECTED


def test_a_key_that_is_gone_holds_back_nobody_else(meta: Meta) -> None:
    first, second = connected(meta, 2)
    meta.change("shop-1", add=["catalog"])
    first.access_tokens.update(sealed=b"sealed with a key that is gone")
    reconcile()
    drain()
    assert installed(second) == {"pixel", "catalog"}


def test_a_refusal_of_the_batch_itself_kills_nobodys_token(meta: Meta) -> None:
    connected(meta, 3)
    meta.fail("dead_token", path="batch")
    reconcile()
    assert drain() == 3
    assert not AccessToken.objects.exclude(dead_at=None).exists()
    assert set(Installation.objects.values_list("state", flat=True)) == {"connected"}


def test_a_stopped_business_is_looked_at_again_when_its_time_comes(meta: Meta) -> None:
    (installation,) = connected(meta, 1)
    hint(installation)
    meta.fail("permission", path="installs")
    drain()
    installation.refresh_from_db()
    assert installation.is_stopped and installation.state == Installation.State.RECONNECT
    make_due()
    reconcile()
    installation.refresh_from_db()
    assert installation.state == Installation.State.CONNECTED and not installation.is_stopped


def test_nobody_without_a_living_token_is_asked_about(meta: Meta) -> None:
    connected(meta, 1)
    meta.change("shop-0", kill_tokens=463)
    reconcile()
    drain()
    make_due()
    assert reconcile() == 0


def test_reconciles_are_spread_over_time(meta: Meta) -> None:
    connected(meta, 20)
    reconcile()
    moments = [each.reconcile_at for each in Installation.objects.all() if each.reconcile_at]
    assert len(moments) == 20
    assert max(moments) - min(moments) > timedelta(minutes=10)
