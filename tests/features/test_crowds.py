"""Many installations that are due at once: shared among the lanes, in batches."""

import pytest

from features.batches import SMALLEST_BATCH
from features.models import AccessToken, Cause, Installation
from features.sync import LANES, drain
from partners.models import MetaApp
from sandbox.server import RunningSandbox
from tests.factories import MetaAppFactory
from tests.features.test_sync import installed
from tests.meta import Meta, hint

CROWD = SMALLEST_BATCH * LANES


def crowd(meta: Meta) -> list[Installation]:
    """So many connected businesses that are due again."""
    meta.turn(refuse_system_user_token=True)
    installations = [meta.installation(f"shop-{number}", "pixel") for number in range(CROWD)]
    drain()
    for installation in installations:
        hint(installation, Cause.WEBHOOK)
    return installations


def test_a_crowd_is_synced_in_batches(meta: Meta) -> None:
    installations = crowd(meta)
    meta.change("shop-5", add=["catalog"])
    before = meta.counters()
    assert drain() == CROWD
    after = meta.counters()
    assert after["operations"]["installs"] - before["operations"]["installs"] == CROWD
    assert sum(after["requests"].values()) - sum(before["requests"].values()) < 2 * CROWD
    assert after["requests"]["batch"] > before["requests"]["batch"]
    assert installed(installations[5]) == {"pixel", "catalog"}


def test_however_few_of_an_import_are_left_they_share_a_batch(meta: Meta) -> None:
    installations = crowd(meta)
    Installation.objects.update(requested_cause=Cause.IMPORT)
    before = meta.counters()
    assert drain() == CROWD
    after = meta.counters()
    for kind in ("installs", "configuration"):
        assert after["operations"][kind] - before["operations"][kind] == CROWD
        assert after["batches"][kind] - before["batches"][kind] == 1
        assert after["requests"][kind] == before["requests"][kind]
    for installation in installations[:3]:
        hint(installation, Cause.IMPORT)
    assert drain() == 3
    assert meta.counters()["batches"]["installs"] - after["batches"]["installs"] == 1
    assert meta.counters()["requests"]["installs"] == after["requests"]["installs"]


def test_the_imports_of_two_apps_fill_a_batch_each(meta: Meta, sandbox: RunningSandbox) -> None:
    other = Meta(sandbox, MetaAppFactory.create(app_id="another"))
    for number in range(4):
        for each in (meta, other):
            each.installation(f"shop-{each.app.app_id}-{number}", "pixel")
    Installation.objects.update(requested_cause=Cause.IMPORT)
    assert drain() == 8
    assert (meta.counters()["batches"]["installs"], meta.calls()) == (2, 8)


def test_a_crowd_is_synced_by_single_calls_where_batches_are_refused(meta: Meta) -> None:
    installations = crowd(meta)
    meta.change("shop-5", add=["catalog"])
    meta.turn(refuse_batch=True)
    assert drain() == CROWD
    assert installed(installations[5]) == {"pixel", "catalog"}
    assert not Installation.objects.exclude(state=Installation.State.CONNECTED).exists()


def test_the_logins_of_a_crowd_are_exchanged_in_batches_and_once(meta: Meta) -> None:
    installations = [meta.installation(f"shop-{number}", "pixel") for number in range(CROWD)]
    assert drain() == CROWD
    counted = meta.counters()
    # When only a few are left, they are claimed one by one.
    singles = counted["requests"]["system_user_token"]
    assert (counted["batches"]["system_user_token"], singles) == (1, CROWD - SMALLEST_BATCH)
    tokens = AccessToken.objects.filter(kind=AccessToken.Kind.SYSTEM_USER)
    assert tokens.values("installation").distinct().count() == tokens.count() == CROWD
    for installation in installations:
        hint(installation)
    assert drain() == CROWD
    assert meta.counters()["operations"]["system_user_token"] == CROWD


def test_the_logins_of_a_crowd_are_exchanged_one_by_one_where_batches_are_refused(meta: Meta) -> None:
    for number in range(CROWD):
        meta.installation(f"shop-{number}", "pixel")
    meta.turn(refuse_batch=True)
    assert drain() == CROWD
    assert AccessToken.objects.filter(kind=AccessToken.Kind.SYSTEM_USER).count() == CROWD


def test_an_exchange_that_meta_did_not_finish_is_tried_again(meta: Meta) -> None:
    installations = [meta.installation(f"shop-{number}", "pixel") for number in range(CROWD)]
    meta.fail("unfinished", path="token", external_business_id="shop-3")
    drain()
    kept = AccessToken.objects.filter(kind=AccessToken.Kind.SYSTEM_USER)
    assert kept.count() == CROWD - 1
    hint(installations[3])
    drain()
    assert kept.filter(installation=installations[3]).count() == 1


@pytest.mark.parametrize("is_batch_refused", [False, True])
def test_a_limit_of_the_app_at_an_exchange_is_waited_out_by_all_its_calls(meta: Meta, is_batch_refused: bool) -> None:
    ids = [meta.installation(f"shop-{number}", "pixel").pk for number in range(CROWD)]
    meta.turn(refuse_batch=is_batch_refused)
    meta.fail("rate_limit_app", path="token")
    drain()
    assert meta.counters()["operations"]["system_user_token"] <= SMALLEST_BATCH
    assert MetaApp.objects.get(pk=meta.app.pk).paused_until
    assert drain() == 0
    MetaApp.objects.update(paused_until=None)
    for installation in Installation.objects.filter(pk__in=ids):
        hint(installation)
    drain()
    assert AccessToken.objects.filter(kind=AccessToken.Kind.SYSTEM_USER).count() == CROWD


@pytest.mark.parametrize("is_batch_refused", [False, True])
def test_a_login_that_is_dead_at_the_exchange_is_buried_there_and_no_other(meta: Meta, is_batch_refused: bool) -> None:
    installations = [meta.installation(f"shop-{number}", "pixel") for number in range(CROWD)]
    faults = [
        {"kind": "dead_token", "path": "token", "external_business_id": "shop-3", "subcode": 460},
        {"kind": "permission", "path": "token", "external_business_id": "shop-4"},
    ]
    meta.turn(refuse_batch=is_batch_refused, fail_next=faults)
    drain()
    (dead,) = AccessToken.objects.exclude(dead_at=None)
    assert (dead.installation, dead.dead_subcode) == (installations[3], 460) and dead.dead_reason
    row = Installation.objects.get(pk=installations[3].pk)
    assert (row.state, row.reason) == ("reconnect", "password_changed")
    assert meta.counters()["installs_by_business"]["shop-3"] == 1, "no further call was made with it"
    assert Installation.objects.filter(state=Installation.State.CONNECTED).count() == CROWD - 1


def test_a_dead_token_in_a_crowd_is_used_once_and_asks_for_reconnection(meta: Meta) -> None:
    installations = crowd(meta)
    meta.change("shop-0", kill_tokens=463)
    before = meta.counters()["installs_by_business"]["shop-0"]
    assert drain() == CROWD
    assert meta.counters()["installs_by_business"]["shop-0"] == before + 1
    installations[0].refresh_from_db()
    assert (installations[0].state, installations[0].reason) == ("reconnect", "token_expired")
    assert Installation.objects.filter(state=Installation.State.CONNECTED).count() == CROWD - 1


def test_one_failing_business_of_a_crowd_is_synced_by_a_call_of_its_own(meta: Meta) -> None:
    installations = crowd(meta)
    meta.change("shop-0", add=["catalog"])
    meta.fail("unfinished", path="installs", external_business_id="shop-0")
    assert drain() == CROWD
    assert installed(installations[0]) == {"pixel", "catalog"}


def test_a_key_that_is_gone_holds_back_nobody_else_of_a_crowd(meta: Meta) -> None:
    installations = crowd(meta)
    installations[0].access_tokens.update(sealed=b"sealed with a key that is gone")
    meta.change("shop-5", add=["catalog"])
    assert drain() == CROWD
    assert installed(installations[5]) == {"pixel", "catalog"}
    installations[0].refresh_from_db()
    assert "ENCRYPTION_KEYS" in installations[0].last_error
