"""What cannot be told is not told: the state stays with its date, and the page says why."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from features.models import AccessToken, Installation
from features.sync import drain
from golive.readiness.models import Check, CheckChange
from golive.readiness.registry import ways_in
from golive.readiness.running import AGAIN, check_app, due
from golive.readiness.steps import Problem, Step
from golive.readiness.texts import problem_text
from partners.models import Business, MetaApp
from tests.factories import MetaAppFactory
from tests.golive.readiness.stage import Stage
from webhooks import endpoint
from webhooks.models import Handshake

ASKS_META = ("app_token", "subscribed_fields", "graph_version", "tokens", "permissions", "agree")


def problems(stage: Stage) -> dict[str, str]:
    """The checks that could not be made, and why."""
    rows = Check.objects.filter(meta_app=stage.app).exclude(problem="")
    return {each.key: each.problem for each in rows}


def test_a_new_app_is_told_what_to_do_for_each_check(stage: Stage) -> None:
    assert {name: step for name, (_state, step) in stage.check().items()} == {
        "callback": "",
        "handshake": Step.ENTER_CALLBACK,
        "app_token": "",
        "subscribed_fields": Step.NOT_SUBSCRIBED,
        "graph_version": "",
        "after_install login": Step.INSTALL,
        "after_install business_app": Step.INSTALL_FROM_META,
        "after_uninstall login": Step.UNINSTALL,
        "after_uninstall business_app": Step.UNINSTALL,
        "tokens": Step.INSTALL,
        "permissions": Step.INSTALL,
        "agree": Step.INSTALL,
    }
    assert stage.found()["tokens"][0] == "unknown"


@pytest.mark.parametrize("kind", ["server_error", "html_error", "empty_body", "truncated"])
def test_meta_in_trouble_changes_no_state_and_is_named(stage: Stage, connected: Business, kind: str) -> None:
    before = stage.found()
    seen_at = {name: stage.row(name).checked_at for name in ASKS_META}
    stage.meta.fail(kind, count=50)
    assert stage.check() == before
    assert problems(stage).keys() == {*ASKS_META}
    assert {name: stage.row(name).checked_at for name in ASKS_META} == seen_at
    stage.meta.turn(fail_next=[])
    assert stage.check() == before and not problems(stage)


@pytest.mark.parametrize("host", ["portal..example.com", "x" * 64 + ".example.com"])
def test_what_cannot_be_the_name_of_a_host_is_an_unknown_host(stage: Stage, settings: Settings, host: str) -> None:
    settings.PUBLIC_URL = f"https://{host}"
    assert stage.check()["callback"] == ("red", Step.UNKNOWN_HOST)
    assert "callback" not in problems(stage)


def test_a_check_that_breaks_off_keeps_no_other_from_being_made(stage: Stage, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://portal.example:no-port"
    found = stage.check()
    assert problems(stage).pop("callback") == Problem.BROKE
    assert found["graph_version"][0] == "green"


def test_an_app_that_meta_makes_wait_is_not_asked_about(stage: Stage, connected: Business) -> None:
    before = stage.found()
    stage.meta.fail("rate_limit_app", path="app")
    assert stage.check() == before
    app = MetaApp.objects.get(pk=stage.app.pk)
    assert app.paused_until is not None and app.paused_until > timezone.now()
    calls = stage.meta.counters()["operations"]
    assert stage.check() == before
    assert stage.meta.counters()["operations"] == calls
    assert problems(stage) == dict.fromkeys(ASKS_META, Problem.PAUSED)
    assert "wait" in problem_text(Problem.PAUSED)


def test_a_dead_token_is_never_used_again_and_its_business_asked_to_reconnect(
    stage: Stage, connected: Business
) -> None:
    stage.change(connected, kill_tokens=463, send_webhook=False)
    stage.check()
    assert not AccessToken.objects.filter(installation=stage.installation(connected), dead_at=None).exists()
    drain()
    assert stage.installation(connected).state == Installation.State.RECONNECT
    found = stage.check()
    assert (found["tokens"], found["permissions"]) == (("red", Step.RECONNECT), ("green", ""))
    assert problems(stage) == {"permissions": Problem.NO_LIVING_TOKEN, "agree": Problem.NO_LIVING_TOKEN}
    stage.log_in(connected)
    assert {state for state, _step in stage.check().values()} == {"green"} and not problems(stage)


def test_what_was_seen_stays_good_after_the_last_business_has_gone(stage: Stage, connected: Business) -> None:
    before = stage.found()
    stage.change(connected, uninstall=True)
    assert stage.check() == before
    assert problems(stage) == dict.fromkeys(("tokens", "permissions", "agree"), Problem.NO_BUSINESS)


def test_where_meta_refuses_batches_tokens_are_asked_about_one_by_one(stage: Stage, connected: Business) -> None:
    before = stage.found()
    stage.meta.turn(refuse_batch=True)
    assert stage.check() == before and not problems(stage)


def test_a_v2_app_has_nothing_to_compare_until_it_is_moved(stage: Stage) -> None:
    stage.register()
    stage.meta.speak("v2")
    business = stage.log_in()
    assert stage.check()["agree"] == ("unknown", Step.STILL_V2)
    stage.meta.speak("v3")
    stage.change(business, configure={})
    stage.log_in(business)
    assert stage.check()["agree"] == ("green", "")


def test_a_webhook_that_may_still_come_is_waited_for(stage: Stage) -> None:
    stage.register()
    stage.meta.turn_webhooks(drop=True)
    business = stage.log_in()
    stage.start_at_meta()
    found = stage.check()
    assert found["after_install login"] == ("unknown", Step.WAIT)
    assert found["after_install business_app"] == ("unknown", Step.AT_META)
    assert stage.row("after_install business_app").evidence.keys() == {"business", "started_at", "waits_until_at"}
    assert problems(stage)["agree"] == Problem.NO_NOTICE
    stage.change(business, uninstall=True, keep_tokens=True)
    stage.sync(business)
    assert stage.check()["after_uninstall login"] == ("unknown", Step.WAIT)


def test_merchants_who_start_at_meta_and_are_never_told_of_are_named(stage: Stage) -> None:
    stage.register()
    stage.meta.turn_webhooks(drop=True)
    stage.start_at_meta()
    stage.expire()
    assert stage.check()["after_install business_app"] == ("red", Step.NOTHING_CAME)


def test_a_press_on_the_page_for_merchants_from_meta_is_no_way_in(stage: Stage) -> None:
    stage.app.sign_in_url = ""
    stage.app.save()
    stage.register()
    stage.meta.turn_webhooks(drop=True)
    shop = stage.start_at_meta()
    assert "after_install business_app" not in stage.check()
    stage.expire()
    assert "after_install business_app" not in stage.check()
    stage.sync(shop)
    assert ways_in(stage.app) == ("login",), "no token came, so nothing was connected"
    stage.meta.turn_webhooks(drop=False)
    stage.start_at_meta(shop)
    assert stage.check()["after_install business_app"] == ("green", "")


def test_a_token_of_which_meta_says_nothing_is_not_called_valid(stage: Stage, connected: Business) -> None:
    stage.log_in()
    before = stage.check()
    seen_at = stage.row("tokens").checked_at
    stage.meta.fail("unfinished", path="token")
    assert stage.check() == before
    assert problems(stage) == dict.fromkeys(("tokens", "permissions"), Problem.UNTOLD)
    assert stage.row("tokens").checked_at == seen_at


def test_what_turned_bad_lately_is_looked_at_again_soon_and_then_daily(stage: Stage, connected: Business) -> None:
    mine, rows = (stage.app.partner_id, stage.app.pk), Check.objects.filter(meta_app=stage.app)
    rows.filter(key="agree").update(state=Check.State.RED, since=timezone.now())
    rows.update(tried_at=timezone.now() - 2 * AGAIN)
    assert due() == [mine]
    rows.update(since=timezone.now() - timedelta(hours=2))
    assert due() == []


def test_what_was_seen_under_other_settings_is_looked_at_again(
    stage: Stage, connected: Business, settings: Settings
) -> None:
    mine, rows = (stage.app.partner_id, stage.app.pk), Check.objects.filter(meta_app=stage.app)
    rows.update(tried_at=timezone.now() - 2 * AGAIN)
    assert due() == []
    here, settings.PUBLIC_URL = settings.PUBLIC_URL, "https://elsewhere.example"
    assert due() == [mine]
    settings.PUBLIC_URL = here
    assert due() == []
    settings.META_GRAPH_VERSION = "v26.0"
    assert due() == [mine]


def test_a_wrong_verify_token_of_anybody_takes_no_handshake_back(stage: Stage, connected: Business) -> None:
    assert not stage.meta.register(verify_token="wrong")["ok"]
    assert stage.check()["handshake"] == ("green", "")
    assert stage.row("handshake").evidence.keys() == {"verified_at", "refused_at"}


def test_a_new_verify_token_is_good_once_meta_has_asked_with_it(stage: Stage, connected: Business) -> None:
    old, stage.app.verify_token = stage.app.verify_token, "brand-new"
    stage.app.save()
    endpoint._known.clear()
    assert not stage.meta.register(callback_url=stage.callback, verify_token=old)["ok"]
    assert stage.check()["handshake"] == ("red", Step.VERIFY_TOKEN)
    assert stage.row("handshake").evidence.keys() == {"verified_at", "refused_at"}
    stage.register()
    assert stage.check()["handshake"] == ("green", "")
    assert stage.row("handshake").evidence.keys() == {"verified_at"}


def test_a_handshake_of_before_counts_for_the_verify_token_kept_now(stage: Stage, connected: Business) -> None:
    Handshake.objects.update(token_hash="")
    assert stage.check()["handshake"] == ("green", "")


def test_what_meta_refuses_for_another_reason_says_nothing_of_the_secret(stage: Stage, connected: Business) -> None:
    stage.meta.fail("permission", path="app")
    assert stage.check()["app_token"] == ("green", "")
    assert {"app_token", "subscribed_fields", "graph_version"} <= problems(stage).keys()


def test_a_check_that_no_longer_applies_is_not_asked_again(stage: Stage) -> None:
    stage.check()
    Check.objects.filter(subject="business_app").update(step=Step.WAIT, problem="trouble", state=Check.State.UNKNOWN)
    stage.app.sign_in_url = ""
    stage.app.save()
    stage.check()
    left = Check.objects.filter(meta_app=stage.app, subject="business_app")
    assert set(left.values_list("step", "problem", "asked_at")) == {("", "", None)}


def test_the_same_verify_token_typed_in_again_takes_no_handshake_back(stage: Stage, connected: Business) -> None:
    stage.app.verify_token = stage.app.verify_token
    stage.app.save()
    assert stage.check()["handshake"] == ("green", "")


def test_the_portals_own_question_is_no_refused_request(stage: Stage) -> None:
    stage.check()
    assert stage.check()["handshake"] == ("red", Step.ENTER_CALLBACK)


def test_two_workers_at_once_write_each_change_once(stage: Stage, connected: Business) -> None:
    CheckChange.objects.all().delete()
    stage.meta.turn_subscriptions(inactive=True)

    def work() -> None:
        check_app(stage.app.partner_id, stage.app.pk)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert stage.found()["subscribed_fields"] == ("red", Step.INACTIVE)
    assert list(CheckChange.objects.values_list("check_row__key", "after")) == [("subscribed_fields", "red")]


def test_a_run_that_began_earlier_writes_nothing_over_a_later_one(stage: Stage, connected: Business) -> None:
    before = stage.found()
    later = timezone.now() + timedelta(minutes=1)
    Check.objects.filter(meta_app=stage.app).update(tried_at=later)
    stage.meta.turn_subscriptions(inactive=True)
    assert stage.check() == before


def test_apps_are_due_when_asked_for_once_a_day_and_sooner_where_something_was_not_told(stage: Stage) -> None:
    other = MetaAppFactory.create()
    mine, theirs = (stage.app.partner_id, stage.app.pk), (other.partner_id, other.pk)
    assert due() == [mine, theirs]
    stage.go_through_everything()
    stage.check()
    check_app(*theirs)
    assert due() == []
    rows = Check.objects.filter(meta_app=stage.app)
    rows.update(tried_at=timezone.now() - timedelta(hours=1))
    assert due() == []
    rows.filter(key="agree").update(problem="busy")
    assert due() == [mine]
    rows.update(tried_at=timezone.now() - timedelta(days=2), problem="")
    assert due() == [mine]
