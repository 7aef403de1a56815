"""Several workers at once, and workers that die: one call, and nothing written by who is late."""

import pytest

from features.claims import ClaimLost
from features.models import Installation
from features.uninstalling.asking import Impossible
from features.uninstalling.claims import claim_next, claim_one
from features.uninstalling.running import call, drain, prepare, run
from features.uninstalling.settling import settle
from tests.features.test_fencing import in_threads
from tests.features.uninstalling.ground import (
    State,
    again,
    asked,
    calls,
    connected,
    expire_leases,
    finished,
    looked,
    slow,
    went_on,
)
from tests.meta import Meta


def test_two_people_at_once_ask_for_one(shared_meta: Meta) -> None:
    salon = connected(shared_meta, "pixel")

    def press() -> str:
        try:
            return asked(salon).state
        except Impossible:
            return "under way"

    assert sorted(in_threads(3, press)) == [State.REQUESTED, "under way", "under way"]


def test_workers_at_once_make_one_call(shared_meta: Meta) -> None:
    slow(shared_meta, 2)
    row = asked(connected(shared_meta, "pixel"))
    shared_meta.turn(slow_seconds=0.3)
    in_threads(4, drain)
    assert (again(row).state, calls(shared_meta)) == (State.ACKNOWLEDGED, 1)


def test_many_businesses_are_uninstalled_once_each(shared_meta: Meta) -> None:
    rows = [asked(connected(shared_meta, "pixel", external_id=f"shop-{number}")) for number in range(6)]
    in_threads(3, drain)
    assert calls(shared_meta) == 6
    assert {looked(each).state for each in rows} == {State.GONE}


def test_a_claim_is_free_again_when_its_worker_is_dead(meta: Meta) -> None:
    row = asked(connected(meta, "pixel"))
    slow_worker = claim_next()
    assert slow_worker is not None and claim_next() is None
    expire_leases()
    quick = claim_one(row.partner_id, row.pk)
    assert quick is not None and quick.uninstall.attempt == 2
    assert not prepare(slow_worker), "it stands aside"
    run(quick)
    assert (again(row).state, calls(meta)) == (State.ACKNOWLEDGED, 1)


def test_a_worker_that_died_after_its_call_leaves_it_to_another(meta: Meta) -> None:
    salon = connected(meta, "pixel")
    row = asked(salon)
    claim = claim_next()
    assert claim is not None and prepare(claim)
    assert call(claim) is None
    expire_leases()
    finished()
    assert (again(row).state, again(row).acknowledged_at) == (State.GONE, None)
    salon.refresh_from_db()
    assert salon.reason == Installation.Reason.UNINSTALLED_BY_STAFF


def test_who_is_late_with_an_answer_writes_nothing(meta: Meta) -> None:
    slow(meta, 9)
    row = asked(connected(meta, "pixel"))
    late = claim_next()
    assert late is not None and prepare(late)
    expire_leases()
    row = went_on(row)
    assert (row.state, row.calls) == (State.ACKNOWLEDGED, 1)
    settle(late, None)
    assert again(row).calls == 1
    late.renewed -= 60
    with pytest.raises(ClaimLost):
        late.keep()
