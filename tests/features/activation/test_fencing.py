"""One worker at a time, nothing lost, nothing old written: with real threads on a real database."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from features.activation.asking import ask
from features.activation.calls import Calls
from features.activation.claims import claim_next, claim_one
from features.activation.models import Activation
from features.activation.outcomes import Outcome
from features.activation.running import drain, run, run_one
from features.activation.settling import settle
from features.claims import ClaimLost
from features.graph import assets_for
from features.models import Cause, Feature, Installation
from partners.tenancy import tenant
from tests.features.activation.looking import activation, calls, connected
from tests.features.test_fencing import in_threads
from tests.meta import Meta
from tests.waiting import eventually

State = Activation.State


def subscriptions_written(meta: Meta) -> int:
    """How many calls wrote a Page's subscription."""
    return sum(times for call, times in calls(meta).items() if call.startswith("POST") and "subscribed" in call)


def test_of_many_workers_one_gets_the_claim(shared_meta: Meta) -> None:
    connected(shared_meta, "salon", "ads", "pixel")
    claims = [each for each in in_threads(6, claim_next) if each is not None]
    assert len(claims) == 1 and len(claims[0].activations) == 2


def test_two_workers_look_at_many_businesses_once_each(shared_meta: Meta) -> None:
    for number in range(8):
        connected(shared_meta, f"shop-{number}", "lead_ads")
    assert sum(in_threads(2, drain)) == 8
    assert set(Activation.objects.values_list("state", "attempt")) == {(State.ACTIVE, 1)}
    assert subscriptions_written(shared_meta) == 8


def test_a_killed_workers_claim_is_taken_over_and_its_late_result_counts_for_nothing(shared_meta: Meta) -> None:
    installation = connected(shared_meta, "salon", "ads")
    killed = claim_one(installation.partner_id, installation.pk)
    assert killed is not None
    assert not run_one(installation.partner_id, installation.pk)
    Activation.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert run_one(installation.partner_id, installation.pk)
    assert activation("ads").state == State.ACTIVE
    settle(killed, [(row, Outcome(State.FAILED)) for row in killed.activations])
    assert activation("ads").state == State.ACTIVE
    killed.renewed = -1_000
    with pytest.raises(ClaimLost):
        Calls(killed, assets_for(installation.meta_app)).asset("ad_account_id", "1")


def test_a_worker_that_dies_after_its_write_leaves_nothing_to_be_written_again(shared_meta: Meta) -> None:
    installation = connected(shared_meta, "salon", "lead_ads")
    shared_meta.fail("lost_answer", path="subscription", count=1)
    claim = claim_one(installation.partner_id, installation.pk)
    assert claim is not None
    run(claim)
    for _ in range(3):
        Activation.objects.update(due_at=timezone.now())
        run_one(installation.partner_id, installation.pk)
    assert activation("lead_ads").state == State.ACTIVE
    assert subscriptions_written(shared_meta) == 1


def ask_aside(installation: Installation) -> None:
    """Ask as somebody else does."""
    with tenant(installation.partner_id):
        ask(Feature.objects.filter(installation=installation), Cause.STAFF)


def test_a_look_asked_for_during_a_look_is_not_lost(shared_meta: Meta) -> None:
    installation = connected(shared_meta, "salon", "ads")
    shared_meta.turn(hold="asset")

    def work() -> None:
        run_one(installation.partner_id, installation.pk)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    eventually(Activation.objects.exclude(claimed_until=None).exists)
    in_threads(4, lambda: ask_aside(installation))
    shared_meta.turn(hold="")
    worker.join(timeout=30)
    row = activation("ads")
    assert row.state == State.ACTIVE and row.cause == Cause.STAFF
    assert row.due_at and row.due_at <= timezone.now()
    assert run_one(installation.partner_id, installation.pk)
    assert not run_one(installation.partner_id, installation.pk)
