"""What Meta's errors do to a push: it is tried again, waits, or ends with words, and nothing is posted twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from features.configuration.models import Push
from features.configuration.pushing import drain
from features.models import AccessToken, Cause, Installation
from features.tokens import ReceivedToken, keep
from partners.models import MetaApp
from tests.features.configuration.ground import (
    State,
    Status,
    again,
    asked,
    at_meta,
    change_at_meta,
    connected,
    posts,
    reads,
    status_of,
    the,
    turn_configuration,
)
from tests.features.test_sync import sync
from tests.meta import Meta

TEXT: dict[str, Any] = {"cta_button_text": "Reserve"}


@pytest.fixture
def push(meta: Meta) -> Push:
    """A push that waits."""
    connected(meta, "page_cta")
    return asked(the("page_cta"), **TEXT)


def no_more_waiting() -> None:
    """The time of the next try has come."""
    Push.objects.update(not_before=None)


@pytest.mark.parametrize("kind", ["server_error", "html_error", "empty_body", "truncated", "success_false"])
def test_a_doubtful_first_read_is_tried_again_without_a_post(meta: Meta, push: Push, kind: str) -> None:
    meta.fail(kind, path="configuration")
    drain()
    push = again(push)
    assert (push.state, push.failures, push.posted_at) == (State.WAITING, 1, None)
    assert push.not_before is not None and push.claimed_until is None and push.detail
    assert posts(meta) == 0 and status_of(push.feature) == Status.PUSHING
    assert drain() == 0
    no_more_waiting()
    drain()
    assert again(push).state == State.CONFIRMED
    assert again(push).detail == ""


def test_an_answer_lost_after_the_post_is_found_by_the_next_read(meta: Meta, push: Push) -> None:
    meta.fail("lost_answer", path="configuration_write")
    drain()
    assert again(push).state == State.WAITING and again(push).posted_at is not None
    no_more_waiting()
    drain()
    assert again(push).state == State.CONFIRMED
    assert posts(meta) == 1


def test_a_post_that_never_arrived_is_posted_again(meta: Meta, push: Push) -> None:
    meta.fail("server_error", path="configuration_write")
    drain()
    assert again(push).state == State.WAITING
    no_more_waiting()
    drain()
    assert again(push).state == State.CONFIRMED
    assert posts(meta) == 2


def test_after_a_post_of_unknown_end_something_else_at_meta_is_a_difference(meta: Meta, push: Push) -> None:
    meta.fail("server_error", path="configuration_write")
    drain()
    change_at_meta(meta, push.feature, cta_button_text="Merchant's")
    no_more_waiting()
    drain()
    push = again(push)
    assert (push.state, push.kept) == (State.DIFFERS, {"cta_button_text": "Merchant's"})
    assert posts(meta) == 1
    assert at_meta(meta, push.feature)["cta_button_text"] == "Merchant's"


def test_a_limit_of_the_app_pauses_the_app_and_its_pushes(meta: Meta, push: Push) -> None:
    meta.fail("rate_limit_app", path="configuration")
    drain()
    assert again(push).state == State.WAITING
    assert MetaApp.objects.get().paused_until is not None
    before = reads(meta)
    assert drain() == 0 and reads(meta) == before
    MetaApp.objects.update(paused_until=None)
    drain()
    assert again(push).state == State.CONFIRMED


def test_a_limit_of_the_business_is_waited_out(meta: Meta, push: Push) -> None:
    meta.fail("rate_limit_buc", path="configuration", minutes=7)
    drain()
    push = again(push)
    assert push.not_before is not None
    assert timedelta(minutes=6) < push.not_before - timezone.now() <= timedelta(minutes=7)
    assert MetaApp.objects.get().paused_until is None
    assert drain() == 0


def test_a_post_refused_by_a_limit_counts_as_not_sent(meta: Meta, push: Push) -> None:
    meta.fail("rate_limit_buc", path="configuration_write")
    drain()
    push = again(push)
    assert (push.state, push.posted_at) == (State.WAITING, None)
    change_at_meta(meta, push.feature, cta_button_text="Merchant's")
    no_more_waiting()
    drain()
    assert again(push).state == State.MOVED


def test_a_dead_token_is_buried_and_the_next_one_used(meta: Meta, push: Push) -> None:
    first = AccessToken.objects.get()
    token = meta.connect("salon")
    keep([ReceivedToken(push.installation, token, received_at=timezone.now() - timedelta(days=1))])
    meta.fail("dead_token", path="configuration")
    drain()
    assert again(push).state == State.CONFIRMED
    first.refresh_from_db()
    assert first.dead_at is not None
    assert AccessToken.objects.filter(dead_at=None).count() == 1


def test_a_token_that_dies_at_the_post_is_buried_and_nothing_is_posted_twice(meta: Meta, push: Push) -> None:
    token = meta.connect("salon")
    keep([ReceivedToken(push.installation, token, received_at=timezone.now() - timedelta(days=1))])
    meta.fail("dead_token", path="configuration_write")
    drain()
    assert again(push).state == State.CONFIRMED
    assert posts(meta) == 2, "the refused one and the taken one"


def test_without_a_token_it_is_refused_and_a_sync_asks_for_reconnection(meta: Meta, push: Push) -> None:
    meta.change("salon", kill_tokens=460)
    drain()
    push = again(push)
    assert (push.state, push.reason) == (State.REFUSED, Push.Reason.NO_TOKEN)
    assert push.detail and push.detail in push.explanation
    assert posts(meta) == 0 and status_of(push.feature) == Status.REFUSED
    installation = Installation.objects.get()
    assert installation.requested_cause == Cause.PUSH
    installation = sync(installation)
    assert (installation.state, installation.reason) == ("reconnect", "password_changed")


def test_a_token_that_dies_after_the_post_leaves_no_doubt_unsaid(meta: Meta, push: Push) -> None:
    meta.fail("lost_answer", path="configuration_write")
    drain()
    no_more_waiting()
    meta.change("salon", kill_tokens=460)
    drain()
    push = again(push)
    assert (push.state, push.reason) == (State.REFUSED, Push.Reason.NO_TOKEN)


@pytest.mark.parametrize(("kind", "reason"), [("permission", Push.Reason.PERMISSION), ("not_visible", "")])
def test_a_read_that_meta_refuses_ends_it_with_metas_words(meta: Meta, push: Push, kind: str, reason: str) -> None:
    meta.fail(kind, path="configuration")
    drain()
    push = again(push)
    assert (push.state, push.reason) == (State.REFUSED, reason) and push.detail
    assert Installation.objects.get().requested_cause == Cause.PUSH


def test_meta_down_in_the_middle_of_several_ends_nobody_wrongly(meta: Meta) -> None:
    connected(meta, "page_cta", "ig_cta", "messenger_menu")
    pushes = [asked(the(name), **TEXT) for name in ("page_cta", "ig_cta", "messenger_menu")]
    turn_configuration(meta, refuse={"types": ["page_cta"], "message": "No."})
    # The joint post is refused, the first alone too; Meta is down for what follows.
    meta.fail("server_error", path="configuration_write", count=1)
    drain()
    assert {again(each).state for each in pushes} == {State.WAITING}
    no_more_waiting()
    drain()
    assert [again(each).state for each in pushes] == [State.REFUSED, State.CONFIRMED, State.CONFIRMED]


def test_a_key_that_is_gone_delays_a_push_and_holds_back_nobody_else(meta: Meta, push: Push) -> None:
    connected(meta, "page_cta", external_id="barber")
    other = asked(push.feature.__class__.objects.select_related("installation").latest("pk"), **TEXT)
    AccessToken.objects.filter(installation=push.installation).update(sealed=b"sealed with a key that is gone")
    assert drain() == 2
    assert again(push).state == State.WAITING and "ENCRYPTION_KEYS" in again(push).detail
    assert again(other).state == State.CONFIRMED


def test_no_token_is_in_the_words_of_a_failure(meta: Meta, push: Push) -> None:
    secret = AccessToken.objects.get().secret
    meta.fail("echo", path="configuration")
    drain()
    assert secret not in again(push).detail
