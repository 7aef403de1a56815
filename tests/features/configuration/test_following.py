"""What a sync means for what is wanted: drift, an entry point's defaults, features that go and come back."""

from typing import Any

import pytest

from features.applied import Applied
from features.configuration.following import follow
from features.configuration.models import Push, Wanted
from features.configuration.planning import plan
from features.configuration.pushing import drain
from features.configuration.wanting import set_defaults
from features.models import Cause, Change, Feature, Installation
from partners.models import MetaApp
from partners.tenancy import tenant
from tests.factories import FeatureFactory, InstallationFactory, MetaAppFactory
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
    the,
    wanting,
)
from tests.features.test_sync import sync
from tests.meta import Meta, hint

DEFAULTS = {"page_cta": {"cta_button_text": "Book Now", "cta_button_url": "https://book.example/salon"}}


def seen(feature: Feature) -> str:
    """The status after one more sync."""
    hint(feature.installation)
    sync(feature.installation)
    return status_of(feature)


def confirmed(meta: Meta, **values: Any) -> Feature:
    """A button that Meta has as wanted."""
    connected(meta, "page_cta", "pixel")
    feature = the("page_cta")
    asked(feature, **values)
    drain()
    assert status_of(feature) == Status.AS_WANTED
    return feature


def with_defaults(meta: Meta, *types: str, **defaults: Any) -> Installation:
    """A business that came through an entry point with these defaults and is not synced yet."""
    meta.turn(refuse_system_user_token=True)
    installation = meta.installation("salon", *types)
    with tenant(installation.partner_id):
        set_defaults(installation, defaults)
    return installation


def test_a_change_at_meta_is_drift_until_it_is_taken_back(meta: Meta) -> None:
    feature = confirmed(meta, cta_button_text="Reserve")
    change_at_meta(meta, feature, cta_button_text="Merchant's")
    assert seen(feature) == Status.DRIFT
    assert at_meta(meta, feature)["cta_button_text"] == "Merchant's"
    change_at_meta(meta, feature, cta_button_text="Reserve")
    assert seen(feature) == Status.AS_WANTED


def test_switching_off_at_meta_what_is_wanted_on_is_drift(meta: Meta) -> None:
    feature = confirmed(meta, enabled=True, cta_button_text="Reserve")
    change_at_meta(meta, feature, enabled=False)
    assert seen(feature) == Status.DRIFT


def test_a_change_of_what_nobody_wants_is_none(meta: Meta) -> None:
    feature = confirmed(meta, cta_button_text="Reserve")
    change_at_meta(meta, feature, below_button_text="Merchant's", enabled=False)
    assert seen(feature) == Status.AS_WANTED


def test_what_is_not_pushed_yet_stays_so_unless_meta_changes_it(meta: Meta) -> None:
    connected(meta, "page_cta")
    feature = the("page_cta")
    wanting(feature, cta_button_text="Reserve")
    change_at_meta(meta, feature, below_button_text="Merchant's")
    assert seen(feature) == Status.UNPUSHED
    change_at_meta(meta, feature, cta_button_text="Merchant's")
    assert seen(feature) == Status.DRIFT


def test_while_a_push_waits_a_change_at_meta_is_left_to_it(meta: Meta) -> None:
    connected(meta, "page_cta")
    feature = the("page_cta")
    push = asked(feature, cta_button_text="Reserve")
    change_at_meta(meta, feature, cta_button_text="Merchant's")
    assert seen(feature) == Status.PUSHING
    drain()
    assert (again(push).state, status_of(feature)) == (State.MOVED, Status.DRIFT)


def test_drift_is_pushed_over_by_a_plan_that_knows_of_it(meta: Meta) -> None:
    feature = confirmed(meta, cta_button_text="Reserve")
    change_at_meta(meta, feature, cta_button_text="Merchant's")
    seen(feature)
    with tenant(feature.partner_id):
        (push,) = plan([feature], by=BY)
    assert push.based_on == {"cta_button_text": "Merchant's"}


def test_a_feature_that_goes_drops_its_push_and_one_that_returns_is_compared(meta: Meta) -> None:
    feature = confirmed(meta, cta_button_text="Reserve")
    push = asked(feature, version=1, cta_button_text="Book Now")
    Feature.objects.filter(pk=feature.pk).update(removed_at=feature.installed_at)
    Push.objects.filter(pk=push.pk).update(state=State.DROPPED)
    Wanted.objects.update(status=Status.UNPUSHED)
    change_at_meta(meta, feature, cta_button_text="Merchant's")
    assert seen(feature) == Status.DRIFT
    meta.change("salon", remove=["page_cta"])
    Push.objects.filter(pk=push.pk).update(state=State.WAITING)
    assert seen(feature) == Status.DRIFT
    assert (again(push).state, again(push).reason) == (State.DROPPED, Push.Reason.REMOVED)


def test_an_entry_points_defaults_are_pushed_where_meta_has_nothing_of_them(meta: Meta) -> None:
    sync(with_defaults(meta, "page_cta", "ig_cta", **DEFAULTS))
    feature = the("page_cta")
    wanted = Wanted.objects.get()
    assert (wanted.feature, wanted.origin, wanted.status) == (feature, "entry_point", Status.PUSHING)
    push = Push.objects.get()
    assert (push.state, push.planned_by) == (State.WAITING, "")
    drain()
    assert again(push).state == State.CONFIRMED and status_of(feature) == Status.AS_WANTED
    assert DEFAULTS["page_cta"].items() <= at_meta(meta, feature).items()


def test_what_the_merchant_chose_in_the_dialog_is_shown_and_not_overwritten(meta: Meta) -> None:
    installation = with_defaults(meta, "page_cta", **DEFAULTS)
    (instance,) = (each["feature_instance_id"] for each in meta.counters()["connections"][0]["features"])
    meta.change("salon", configure={instance: {"cta_button_text": "Merchant's"}})
    sync(installation)
    assert status_of(the("page_cta")) == Status.DRIFT
    assert not Push.objects.exists() and drain() == 0


def test_defaults_that_meta_has_already_need_no_push(meta: Meta) -> None:
    installation = with_defaults(meta, "page_cta", **DEFAULTS)
    (instance,) = (each["feature_instance_id"] for each in meta.counters()["connections"][0]["features"])
    meta.change("salon", configure={instance: DEFAULTS["page_cta"]})
    sync(installation)
    assert status_of(the("page_cta")) == Status.AS_WANTED
    assert not Push.objects.exists()


def test_defaults_that_come_after_the_first_sync_are_taken_too(meta: Meta) -> None:
    installation = connected(meta, "page_cta", "ig_cta")
    wanting(the("ig_cta"), cta_button_text="Staff's")
    with tenant(installation.partner_id):
        set_defaults(installation, DEFAULTS | {"ig_cta": {"cta_button_text": "Default"}})
    assert Wanted.objects.get(feature=the("ig_cta")).values == {"cta_button_text": "Staff's"}
    drain()
    assert status_of(the("page_cta")) == Status.AS_WANTED
    assert posts(meta) == 1


def test_defaults_chosen_otherwise_while_nothing_was_read_yet_are_not_pushed_over(meta: Meta) -> None:
    installation = with_defaults(meta, "page_cta", **DEFAULTS)
    (instance,) = (each["feature_instance_id"] for each in meta.counters()["connections"][0]["features"])
    meta.change("salon", configure={instance: {"cta_button_text": "Merchant's"}})
    meta.fail("server_error", path="configuration")
    sync(installation)
    drain()
    assert Push.objects.get().state == State.MOVED
    assert (status_of(the("page_cta")), posts(meta)) == (Status.DRIFT, 0)


def test_defaults_of_unknown_types_and_settings_are_left_out(meta: Meta) -> None:
    installation = with_defaults(meta, "page_cta", invented={"text": "x"}, page_ctas={"cta_button_text": "Go", "x": 1})
    installation.refresh_from_db()
    assert installation.wanted_defaults == {"page_cta": {"cta_button_text": "Go"}}
    sync(installation)
    assert Wanted.objects.get().values == {"cta_button_text": "Go"}


def news(app: MetaApp, kind: str, count: int) -> list[Applied]:
    """So many businesses whose button has news of this kind."""
    results = []
    for installation in InstallationFactory.create_batch(count, meta_app=app, wanted_defaults=DEFAULTS):
        feature = FeatureFactory.create(installation=installation, configuration={"cta_button_text": "New"})
        if kind != Change.Kind.INSTALLED:
            asked(feature, cta_button_text="Reserve")
            Wanted.objects.filter(feature=feature).update(status=Status.AS_WANTED)
        sides = {side: {"configuration": {"cta_button_text": side}} for side in ("before", "after")}
        results.append(Applied(installation, Cause.WEBHOOK, [Change(feature=feature, kind=kind, **sides)]))
    return results


@pytest.mark.parametrize("kind", ["installed", "configured", "removed"])
def test_the_news_of_a_crowd_take_no_more_statements_than_those_of_two(
    db: None, kind: str, django_assert_max_num_queries: Any
) -> None:
    app = MetaAppFactory.create()
    counts = []
    for count in (2, 20):
        results = news(app, kind, count)
        with django_assert_max_num_queries(20) as captured, tenant(app.partner_id):
            follow(results)
        counts.append(len(captured))
        features = [change.feature for each in results for change in each.changes]
        expected = {"installed": Status.DRIFT, "configured": Status.PUSHING, "removed": Status.AS_WANTED}[kind]
        assert {status_of(each) for each in features if each} == {expected}
    assert counts[0] == counts[1]


def test_a_sync_without_news_asks_nothing_about_configuration(meta: Meta, django_assert_max_num_queries: Any) -> None:
    feature = confirmed(meta, cta_button_text="Reserve")
    hint(feature.installation)
    with django_assert_max_num_queries(100) as seen:
        sync(feature.installation)
    assert not [each for each in seen.captured_queries if "configuration_" in each["sql"].split("WHERE")[0][:200]]
