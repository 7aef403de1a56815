"""Pushing to many businesses at once: from the admin's side, and by the command."""

import io
from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from features.configuration.claims import claim_next
from features.configuration.models import Push, PushRun, Wanted
from features.configuration.planning import plan
from features.configuration.pushing import drain, push_claimed
from features.configuration.runs import MOST_FEATURES, progress, start_run, stop_run
from features.models import Feature, Installation
from partners.audit.models import Action, AuditEntry, Via
from partners.commands import BadInput
from partners.tenancy import tenant
from tests.factories import FeatureFactory, UserFactory
from tests.features.configuration.ground import (
    BY,
    State,
    Status,
    again,
    asked,
    at_meta,
    change_at_meta,
    connected,
    posts,
    status_of,
    wanting,
)
from tests.features.test_fencing import in_threads
from tests.meta import Meta


@pytest.fixture
def features(meta: Meta) -> list[Feature]:
    """Some, for tests in one transaction."""
    return some_features(meta)


def some_features(meta: Meta) -> list[Feature]:
    """Buttons of three businesses, of which something else is wanted than Meta has."""
    found = []
    for number in range(3):
        installation = connected(meta, "page_cta", external_id=f"shop-{number}")
        found.append(Feature.objects.select_related("installation__business").get(installation=installation))
        wanting(found[-1], cta_button_text="Reserve")
    return found


def start(features: list[Feature]) -> PushRun:
    """Somebody presses the button."""
    user = User.objects.filter(username="ada").first() or UserFactory.create(username="ada")
    return start_run(features[0].partner_id, features, user)


def test_a_run_pushes_to_each_business_and_counts(meta: Meta, features: list[Feature]) -> None:
    run = start(features)
    assert progress(run) == {State.WAITING: 3}
    change_at_meta(meta, features[1], cta_button_text="Merchant's")
    assert drain() == 3
    assert progress(run) == {State.CONFIRMED: 2, State.MOVED: 1}
    assert set(run.pushes.values_list("planned_by", flat=True)) == {"ada"}
    assert run.asked_by is not None and run.asked_by.username == "ada"


def test_what_is_as_wanted_is_no_part_of_a_run(meta: Meta, features: list[Feature]) -> None:
    start(features)
    drain()
    assert progress(start(features)) == {}
    assert posts(meta) == 3


def test_a_feature_that_waits_for_another_push_is_left_to_it(meta: Meta, features: list[Feature]) -> None:
    with tenant(features[0].partner_id):
        (mine,) = plan([features[0]], by=BY)
    first = start([features[0]])
    run = start(features)
    assert progress(run) == {State.WAITING: 2, State.DROPPED: 1}
    assert run.pushes.get(state=State.DROPPED).reason == Push.Reason.BUSY
    assert again(mine).state == State.DROPPED and progress(first) == {State.WAITING: 1}
    drain()
    assert posts(meta) == 3 and set(map(status_of, features)) == {Status.AS_WANTED}


def test_a_stopped_run_pushes_nothing_more(meta: Meta, features: list[Feature]) -> None:
    run = start(features)
    claim = claim_next()
    assert claim is not None
    assert stop_run(run) == 2
    run.refresh_from_db()
    stopped_at = run.stopped_at
    assert stopped_at is not None
    assert drain() == 0
    push_claimed(claim)
    assert progress(run) == {State.CONFIRMED: 1, State.DROPPED: 2}
    assert set(run.pushes.filter(state=State.DROPPED).values_list("reason", flat=True)) == {Push.Reason.STOPPED}
    assert sorted(map(status_of, features)) == [Status.AS_WANTED, Status.UNPUSHED, Status.UNPUSHED]
    assert posts(meta) == 1
    assert stop_run(run) == 0
    run.refresh_from_db()
    assert run.stopped_at == stopped_at


def test_a_run_has_a_greatest_size(db: None) -> None:
    feature = FeatureFactory.create()
    with pytest.raises(ValueError, match="at most 1000"):
        start_run(feature.partner_id, [feature] * (MOST_FEATURES + 1), None)
    assert not PushRun.objects.exists()


def test_a_run_takes_few_statements(db: None, django_assert_max_num_queries: Any) -> None:
    first = FeatureFactory.create()
    app = first.installation.meta_app
    many = [first, *FeatureFactory.create_batch(30, installation__meta_app=app)]
    Wanted.objects.bulk_create(
        Wanted(partner_id=app.partner_id, feature=each, values={"cta_button_text": "Go"}, origin="staff")
        for each in many
    )
    with django_assert_max_num_queries(30):
        run = start_run(app.partner_id, many, None, by="somebody")
    assert progress(run) == {State.WAITING: 31}
    with django_assert_max_num_queries(20):
        assert stop_run(run) == 31


def test_two_runs_at_once_push_each_feature_once(shared_meta: Meta) -> None:
    chosen = some_features(shared_meta)
    partner_id = chosen[0].partner_id
    runs = in_threads(2, lambda: start_run(partner_id, chosen, None, by="somebody"))
    asked_for = sum((progress(each) for each in runs), Counter())
    assert asked_for == {State.WAITING: 3, State.DROPPED: 3}
    in_threads(2, drain)
    drain()
    assert posts(shared_meta) == 3 and set(map(status_of, chosen)) == {Status.AS_WANTED}


def run_command(*words: str) -> tuple[str, str]:
    """What the command prints, and what it says about failures."""
    out, err = io.StringIO(), io.StringIO()
    call_command("push_configuration", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_shows_and_pushes_what_differs(meta: Meta, features: list[Feature]) -> None:
    slug = meta.app.partner.slug
    out, err = run_command(slug, "shop-0", "shop-1")
    assert f"shop-0 page_cta {features[0].feature_instance_id}" in out
    assert '  cta_button_text: null -> "Reserve"' in out
    assert out.endswith("2 confirmed\n") and err == ""
    assert list(map(status_of, features)) == [Status.AS_WANTED, Status.AS_WANTED, Status.UNPUSHED]
    entries = AuditEntry.objects.filter(action=Action.PUSHED)
    assert {(each.via, each.object_type) for each in entries} == {(Via.COMMAND, "configuration.push")}
    assert entries[0].changes == {"cta_button_text": [None, "Reserve"]}
    assert run_command(slug)[0].endswith("1 confirmed\n")
    assert run_command(slug) == ("nothing differs\n", "")


def test_the_commands_dry_run_pushes_nothing(meta: Meta, features: list[Feature]) -> None:
    out, _err = run_command(meta.app.partner.slug, "--dry-run")
    assert out.count('cta_button_text: null -> "Reserve"') == 3 and out.endswith("3 planned\n")
    assert not Push.objects.exists() and not AuditEntry.objects.exists() and posts(meta) == 0
    assert at_meta(meta, features[0]).get("cta_button_text") is None


def test_the_command_says_why_something_was_not_confirmed(meta: Meta, features: list[Feature]) -> None:
    slug = meta.app.partner.slug
    change_at_meta(meta, features[0], cta_button_text="Merchant's")
    meta.change("shop-1", kill_tokens=460)
    wanting(features[2], 1, cta_button_text="Book Now")
    asked(features[2], 2, cta_button_text="Book Now!")
    out, err = run_command(slug)
    assert out.endswith("1 dropped, 1 moved, 1 refused\n")
    assert f"shop-0 {features[0]}: changed at Meta meanwhile" in err
    assert f"shop-1 {features[1]}: refused by Meta There is no access token" in err
    assert f"shop-2 {features[2]}: not pushed Another push" in err


def test_the_command_refuses_who_is_unknown(meta: Meta) -> None:
    with pytest.raises(BadInput, match="has no business"):
        run_command(meta.app.partner.slug, "nobody")
    with pytest.raises(BadInput, match="unknown partner"):
        run_command("nobody")
    assert not Installation.objects.exists()
