"""One look: features apart from each other, errors as Meta means them, nothing asked for twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from features.activation.asking import ask, begin_missing
from features.activation.following import follow
from features.activation.models import Activation
from features.activation.running import drain
from features.applied import Applied
from features.models import AccessToken, Cause, Change, Feature, Installation
from features.tokens import ReceivedToken, keep
from partners.models import MetaApp
from partners.tenancy import tenant
from tests.factories import FeatureFactory, InstallationFactory, MetaAppFactory
from tests.features.activation.looking import activation, calls, changed, connected, history, look, steps, synced
from tests.meta import Meta, hint

State = Activation.State


def ask_for(installation: Installation) -> None:
    """Have its living features looked at once more."""
    with tenant(installation.partner_id):
        ask(Feature.objects.filter(installation=installation, removed_at=None), Cause.STAFF)


def test_ten_features_of_a_business_are_asked_about_with_no_call_made_twice(meta: Meta) -> None:
    types = ("pixel", "catalog", "fb_shop", "ig_shopping", "ads", "custom_audience", "lead_ads", "messaging")
    installation = connected(meta, "salon", *types, "creative", "collaborate_ads")
    before = calls(meta)
    assert look(installation)
    made = {call: times - before.get(call, 0) for call, times in calls(meta).items()}
    # What was written is read back.
    again = {call for call, times in made.items() if times > 1}
    assert {call.split("/")[-1] for call in again} <= {"subscribed_apps"}
    assert all(times <= 2 for times in made.values())


def test_one_features_failure_touches_no_other(meta: Meta) -> None:
    installation = connected(meta, "salon", "pixel", "ads", "catalog")
    meta.fail("server_error", path="pixel")
    assert look(installation)
    assert activation("pixel").state == State.FAILED
    assert activation("ads").state == State.ACTIVE
    assert steps(activation("catalog")) == {"catalog_is_empty": "to_do"}


def test_what_worked_outlives_a_blip_and_is_failed_when_it_lasts(meta: Meta) -> None:
    installation = connected(meta, "salon", "ads")
    look(installation)
    meta.fail("server_error", count=50)
    for failures in (1, 2):
        Activation.objects.update(due_at=timezone.now())
        look(installation)
        row = activation("ads")
        assert (row.state, row.failures) == (State.ACTIVE, failures)
        assert "ad_account_active" in steps(row)
    Activation.objects.update(due_at=timezone.now())
    look(installation)
    assert activation("ads").state == State.FAILED
    assert history(activation("ads").feature) == [("pending", "active"), ("active", "failed")]


def test_a_limit_of_the_subject_makes_this_feature_wait_and_nobody_ends_the_wait(meta: Meta) -> None:
    installation = connected(meta, "salon", "catalog", "ads")
    meta.fail("rate_limit_buc", path="catalog", minutes=5)
    assert look(installation)
    row = activation("catalog")
    assert row.state == State.PENDING and steps(row) == {"limit": "waiting"}
    assert row.not_before and row.not_before > timezone.now() + timedelta(minutes=4)
    assert activation("ads").state == State.ACTIVE
    ask_for(installation)
    look(installation)
    assert activation("catalog").state == State.PENDING
    Activation.objects.update(not_before=timezone.now())
    assert look(installation)
    assert activation("catalog").state == State.ACTION_NEEDED


def test_a_limit_of_the_app_stops_every_further_call_of_the_app(meta: Meta) -> None:
    installation = connected(meta, "salon", "catalog", "ads", "pixel")
    other = connected(meta, "other", "ads")
    meta.fail("rate_limit_app", path="catalog", minutes=5)
    before = sum(calls(meta).values())
    look(installation)
    assert sum(calls(meta).values()) == before + 1
    meta.app.refresh_from_db()
    assert meta.app.paused_until and meta.app.paused_until > timezone.now()
    assert not look(other) and drain() == 0
    MetaApp.objects.update(paused_until=None)
    Activation.objects.update(not_before=None, due_at=timezone.now())
    assert look(installation) and look(other)
    assert activation("pixel").state == State.ACTION_NEEDED


def test_without_a_living_token_the_merchant_connects_again_and_then_it_goes_on(meta: Meta) -> None:
    installation = connected(meta, "salon", "ads", "page_cta")
    meta.change("salon", kill_tokens=463)
    assert look(installation)
    row = activation("ads")
    assert (row.state, row.actor, steps(row)) == (State.ACTION_NEEDED, "merchant", {"token": "to_do"})
    assert not AccessToken.objects.filter(dead_at=None).exists()
    # It asks Meta for nothing.
    assert steps(activation("page_cta")) == {"settings_not_set": "to_do"}


def test_a_new_login_with_the_permission_helps_although_an_older_token_lacks_it(meta: Meta) -> None:
    installation = connected(meta, "salon", "ads")
    look(installation)
    meta.fail("permission", path="asset")
    ask_for(installation)
    assert AccessToken.objects.filter(dead_at=None).count() == 2
    assert look(installation)
    assert activation("ads").state == State.ACTIVE


def test_a_return_from_meta_has_everything_looked_at(meta: Meta) -> None:
    installation = connected(meta, "salon", "ads")
    look(installation)
    hint(installation, Cause.WEBHOOK)
    synced(installation)
    assert not look(installation)
    hint(installation, Cause.RETURN)
    synced(installation)
    assert look(installation)
    assert activation("ads").cause == Cause.RECONCILE


def test_an_asset_that_meta_does_not_show_is_asked_of_the_merchant(meta: Meta) -> None:
    installation = connected(meta, "salon", "ads")
    meta.fail("not_visible", path="asset", count=2)
    look(installation)
    row = activation("ads")
    assert (row.state, row.actor) == (State.ACTION_NEEDED, "merchant")
    assert steps(row) == {"permissions_granted": "done", "not_visible": "to_do"}


def test_a_spare_token_that_no_key_opens_hides_nothing_that_meta_says(meta: Meta) -> None:
    installation = connected(meta, "salon", "ads")
    keep([ReceivedToken(installation, "another")])
    AccessToken.objects.filter(pk=AccessToken.objects.latest("pk").pk).update(sealed=b"what no key opens")
    meta.fail("not_visible", path="asset", count=2)
    look(installation)
    assert steps(activation("ads")) == {"permissions_granted": "done", "not_visible": "to_do"}


def test_an_ending_that_fails_is_tried_again(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads", "ads")
    look(installation)
    changed(meta, installation, remove=["lead_ads"])
    meta.fail("server_error", path="subscription", count=50)
    look(installation)
    row = activation("lead_ads")
    assert row.state == State.FAILED and row.due_at
    meta.turn(fail_next=[])
    Activation.objects.update(due_at=timezone.now())
    look(installation)
    assert activation("lead_ads").state == State.ENDED
    assert all(not app["page_fields"] for app in meta.counters()["apps"])


def test_without_any_token_a_feature_ends_and_says_so(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads")
    look(installation)
    AccessToken.objects.update(dead_at=timezone.now())
    feature = Feature.objects.get()
    Feature.objects.update(removed_at=timezone.now())
    Activation.objects.update(due_at=timezone.now())
    look(installation)
    row = activation("lead_ads")
    assert row.feature == feature and row.state == State.ENDED and row.due_at is None
    assert steps(row) == {"ended_half": "note"}


def test_features_from_before_get_an_activation_and_removed_ones_do_not(db: None) -> None:
    app = MetaAppFactory.create()
    installation = InstallationFactory.create(meta_app=app)
    living = FeatureFactory.create(installation=installation)
    FeatureFactory.create(installation=installation, removed_at=timezone.now())
    elsewhere = FeatureFactory.create()
    assert begin_missing() == 2
    assert begin_missing() == 0
    assert set(Activation.objects.values_list("feature", "partner")) == {
        (living.pk, living.partner_id),
        (elsewhere.pk, elsewhere.partner_id),
    }
    assert Activation.objects.filter(due_at__lte=timezone.now()).count() == 2


def news(app: MetaApp, kind: str, count: int, has_rows: bool) -> list[Applied]:
    """So many installations, each with a feature about which there is this news."""
    results = []
    for _ in range(count):
        installation = InstallationFactory.create(meta_app=app)
        feature = FeatureFactory.create(installation=installation, connected_assets={"page_id": "7"})
        if has_rows:
            Activation.objects.create(partner=app.partner, installation=installation, feature=feature)
        change = Change(feature=feature, kind=kind, cause=Cause.WEBHOOK)
        results.append(Applied(installation, Cause.WEBHOOK, [change]))
    return results


@pytest.mark.parametrize("kind", ["installed", "changed", "configured", "removed", "connected"])
@pytest.mark.parametrize("has_rows", [True, False])
def test_the_news_of_a_crowd_take_no_more_statements_than_those_of_two(
    db: None, kind: str, has_rows: bool, django_assert_max_num_queries: Any
) -> None:
    app = MetaAppFactory.create()
    counts = []
    for count in (2, 20):
        results = news(app, kind, count, has_rows)
        Activation.objects.update(due_at=None)
        with django_assert_max_num_queries(12) as captured, tenant(app.partner_id):
            follow(results)
        counts.append(len(captured))
        # What came before there were activations is begun by the sweep, not by a new connection.
        is_known = has_rows or kind != "connected"
        assert Activation.objects.filter(due_at__isnull=False).count() == (count if is_known else 0)
    assert counts[0] == counts[1]


def test_a_sync_without_news_asks_nothing_about_activation(meta: Meta, django_assert_max_num_queries: Any) -> None:
    installation = connected(meta, "salon", "ads")
    look(installation)
    hint(installation)
    with django_assert_max_num_queries(100) as seen:
        synced(installation)
    assert not [each for each in seen.captured_queries if "activation_" in each["sql"]]


def test_a_look_takes_no_more_statements_for_many_features_than_for_two(
    meta: Meta, django_assert_max_num_queries: Any
) -> None:
    few = connected(meta, "few", "page_cta", "ig_cta")
    many = connected(meta, "many", "page_cta", "ig_cta", "messenger_menu", "thread_intent", "messenger_chat")
    counts = []
    for installation in (few, many):
        with django_assert_max_num_queries(40) as captured:
            assert look(installation)
        counts.append(len(captured))
    assert counts[0] == counts[1]
