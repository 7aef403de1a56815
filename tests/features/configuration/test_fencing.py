"""Two people, two workers, a merchant and a sync at once: one post, nothing lost, nothing old written over new."""

import threading
from typing import Any

import pytest
from django.db import connection

from features.applying import apply
from features.claims import ClaimLost, claim_one
from features.configuration.claims import Claim, claim_next
from features.configuration.ending import settle
from features.configuration.models import Push, Wanted
from features.configuration.observed import observed
from features.configuration.planning import ask
from features.configuration.pushing import drain, push_claimed
from features.configuration.trips import Trip
from features.configuration.wanting import Outdated, want
from features.fetching import fetch
from features.graph import client_for
from features.models import Change, Feature, Installation
from partners.tenancy import tenant
from tests.features.configuration.ground import (
    State,
    Status,
    again,
    asked,
    at_meta,
    change_at_meta,
    connected,
    expire_leases,
    planned,
    posts,
    status_of,
    the,
    wanting,
)
from tests.features.test_fencing import in_threads
from tests.features.test_sync import sync
from tests.meta import Meta, hint
from tests.waiting import eventually

TEXT: dict[str, Any] = {"cta_button_text": "Reserve"}


def claimed(push: Push) -> Claim:
    """A worker that has taken this push."""
    claim = claim_next()
    assert claim is not None and [each.pk for each in claim.pushes] == [push.pk]
    return claim


def post(claim: Claim) -> None:
    """What that worker does until Meta has taken it, and no more."""
    claim.mark_posted(claim.pushes)
    client = client_for(claim.installation.meta_app)
    config = {"page_cta": claim.pushes[0].wanted}
    client.update_feature_configuration("salon", claim.tokens[0].secret, config)


def test_of_two_people_who_want_at_once_one_is_told_of_the_other(shared_meta: Meta) -> None:
    connected(shared_meta, "page_cta")
    feature, words = the("page_cta"), ["Reserve", "Book Now"]

    def save() -> str:
        word = words.pop()
        try:
            with tenant(feature.partner_id):
                want(feature, {"cta_button_text": word}, by=word, version=None)
        except Outdated as outdated:
            assert outdated.current is not None and outdated.current.changed_by != word
            return "told"
        return "saved"

    assert sorted(in_threads(2, save)) == ["saved", "told"]
    wanted = Wanted.objects.get()
    assert wanted.version == 1 and wanted.values["cta_button_text"] == wanted.changed_by


def test_two_people_who_push_at_once_push_once(shared_meta: Meta) -> None:
    connected(shared_meta, "page_cta")
    push = planned(the("page_cta"), **TEXT)

    def press() -> int:
        with tenant(push.partner_id):
            return ask([push])

    assert sorted(in_threads(3, press)) == [0, 0, 1]
    in_threads(3, drain)
    drain()
    assert again(push).state == State.CONFIRMED
    assert posts(shared_meta) == 1


def test_many_workers_push_many_businesses_once_each(shared_meta: Meta) -> None:
    pushes = []
    for number in range(8):
        installation = connected(shared_meta, "page_cta", external_id=f"shop-{number}")
        feature = Feature.objects.select_related("installation").get(installation=installation)
        pushes.append(asked(feature, cta_button_text=f"Reserve {number}"))
    in_threads(4, drain)
    drain()
    assert {again(each).state for each in pushes} == {State.CONFIRMED}
    assert posts(shared_meta) == 8


def test_a_worker_killed_between_post_and_read_back_leaves_it_to_another(meta: Meta) -> None:
    connected(meta, "page_cta")
    push = asked(the("page_cta"), **TEXT)
    post(claimed(push))
    assert again(push).state == State.WAITING and again(push).posted_at is not None
    assert claim_next() is None, "its lease holds"
    expire_leases()
    assert drain() == 1
    push = again(push)
    assert (push.state, push.attempt) == (State.CONFIRMED, 2)
    assert posts(meta) == 1
    assert status_of(push.feature) == Status.AS_WANTED


def test_a_worker_killed_before_its_post_leaves_it_to_another(meta: Meta) -> None:
    connected(meta, "page_cta")
    push = asked(the("page_cta"), **TEXT)
    claim = claimed(push)
    claim.mark_posted(claim.pushes)
    expire_leases()
    drain()
    assert again(push).state == State.CONFIRMED
    assert posts(meta) == 1


def test_a_slow_worker_whose_lease_was_taken_over_writes_and_posts_nothing(meta: Meta) -> None:
    connected(meta, "page_cta")
    push = asked(the("page_cta"), **TEXT)
    slow = claimed(push)
    trip = Trip(slow)
    trip.go()
    expire_leases()
    change_at_meta(meta, push.feature, cta_button_text="Merchant's")
    drain()
    assert again(push).state == State.DIFFERS
    settle(trip)
    assert again(push).state == State.DIFFERS
    with pytest.raises(ClaimLost):
        slow.mark_posted(slow.pushes)
    slow.renewed -= 60
    with pytest.raises(ClaimLost):
        slow.keep()
    assert posts(meta) == 1


def test_while_another_worker_has_taken_over_the_slow_one_only_stands_aside(meta: Meta) -> None:
    connected(meta, "page_cta")
    push = asked(the("page_cta"), **TEXT)
    slow = claimed(push)
    expire_leases()
    quick = claimed(push)
    with pytest.raises(ClaimLost):
        slow.mark_posted(slow.pushes)
    push_claimed(slow)
    assert (again(push).state, posts(meta)) == (State.WAITING, 0)
    push_claimed(quick)
    assert (again(push).state, posts(meta)) == (State.CONFIRMED, 1)


def test_a_worker_killed_in_the_middle_of_its_calls(shared_meta: Meta) -> None:
    connected(shared_meta, "page_cta")
    push = asked(the("page_cta"), **TEXT)
    shared_meta.turn(hold="configuration_write")

    def work() -> None:
        drain()
        connection.close()

    first = threading.Thread(target=work)
    first.start()
    eventually(lambda: posts(shared_meta))
    expire_leases()
    claim = claim_next()
    assert claim is not None
    shared_meta.turn(hold="")
    first.join(timeout=60)
    push_claimed(claim)
    push = again(push)
    assert (push.state, push.attempt) == (State.CONFIRMED, 2)
    assert posts(shared_meta) == 1
    assert Change.objects.filter(kind="configured").count() == 1


def test_a_sync_that_read_before_the_post_and_is_applied_after_it_reverts_nothing(meta: Meta) -> None:
    installation = connected(meta, "page_cta")
    hint(installation)
    slow = claim_one(installation.partner_id, installation.pk)
    assert slow is not None
    old = fetch(slow, client_for(meta.app))
    push = asked(the("page_cta"), **TEXT)
    drain()
    assert apply(slow, old)
    assert observed(the("page_cta"))["cta_button_text"] == "Reserve"
    assert status_of(push.feature) == Status.AS_WANTED
    installation.refresh_from_db()
    assert installation.is_syncing, "what it may have missed is looked at once more"
    changes = Change.objects.count()
    sync(installation)
    assert Change.objects.count() == changes
    assert status_of(push.feature) == Status.AS_WANTED


def test_a_sync_applied_between_post_and_end_is_not_written_over(meta: Meta) -> None:
    installation = connected(meta, "page_cta")
    push = asked(the("page_cta"), **TEXT)
    trip = Trip(claimed(push))
    trip.go()
    change_at_meta(meta, push.feature, cta_button_text="Merchant's")
    hint(installation)
    sync(installation)
    settle(trip)
    push = again(push)
    assert push.state == State.CONFIRMED
    assert observed(the("page_cta"))["cta_button_text"] == "Merchant's"
    assert status_of(push.feature) == Status.DRIFT
    installation.refresh_from_db()
    assert installation.requested_cause == "push" and installation.is_syncing


def test_a_sync_that_saw_the_old_and_was_applied_before_the_end_is_corrected(meta: Meta) -> None:
    installation = connected(meta, "page_cta")
    push = asked(the("page_cta"), **TEXT)
    hint(installation)
    claim = claim_one(installation.partner_id, installation.pk)
    assert claim is not None
    old = fetch(claim, client_for(meta.app))
    trip = Trip(claimed(push))
    trip.go()
    assert apply(claim, old)
    settle(trip)
    assert again(push).state == State.CONFIRMED and status_of(push.feature) == Status.AS_WANTED
    installation.refresh_from_db()
    sync(installation)
    assert observed(the("page_cta"))["cta_button_text"] == "Reserve"
    assert status_of(push.feature) == Status.AS_WANTED


def test_what_is_wanted_meanwhile_is_not_lost(meta: Meta) -> None:
    connected(meta, "page_cta")
    feature = the("page_cta")
    push = asked(feature, **TEXT)
    trip = Trip(claimed(push))
    wanting(feature, 1, cta_button_text="Book Now")
    assert status_of(feature) == Status.PUSHING
    trip.go()
    settle(trip)
    assert again(push).state == State.CONFIRMED
    assert at_meta(meta, feature)["cta_button_text"] == "Reserve"
    assert Wanted.objects.get().values == {"cta_button_text": "Book Now"}
    assert status_of(feature) == Status.UNPUSHED


def test_a_feature_that_goes_while_it_is_pushed_ends_the_push(meta: Meta) -> None:
    installation = connected(meta, "page_cta", "pixel")
    push = asked(the("page_cta"), **TEXT)
    trip = Trip(claimed(push))
    meta.change("salon", remove=["page_cta"])
    hint(installation)
    sync(installation)
    assert again(push).reason == Push.Reason.REMOVED
    trip.go()
    settle(trip)
    assert (again(push).state, again(push).reason) == (State.DROPPED, Push.Reason.REMOVED)
    assert posts(meta) == 0


def test_pushes_and_syncs_at_once_do_not_block_each_other(shared_meta: Meta) -> None:
    features: list[Any] = []
    for number in range(4):
        installation = connected(shared_meta, "page_cta", "ig_cta", external_id=f"shop-{number}")
        features += Feature.objects.filter(installation=installation).select_related("installation")
    pushes = [asked(each, **TEXT) for each in features]
    ours = list(Installation.objects.all())

    def sync_all() -> None:
        for each in ours:
            hint(each)
            sync(each)

    work = [drain, sync_all, drain, sync_all]
    in_threads(4, lambda: work.pop()())
    drain()
    for each in ours:
        sync(each)
    assert {again(each).state for each in pushes} == {State.CONFIRMED}
    assert {status_of(each) for each in features} == {Status.AS_WANTED}
    assert posts(shared_meta) == 4
