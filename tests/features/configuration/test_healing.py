"""A push that was refused for a token, a permission or the secret goes on when it comes, and overwrites nobody."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from features.configuration.healing import resume
from features.configuration.models import Push
from features.configuration.planning import plan
from features.configuration.pushing import drain
from features.configuration.runs import start_run, stop_run
from features.configuration.tasks import push_due
from features.configuration.wanting import adopt
from features.models import Installation
from features.tokens import ReceivedToken, keep
from partners.tenancy import tenant
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
from tests.features.test_healing import keep as type_in
from tests.meta import Meta

pytestmark = pytest.mark.django_db(transaction=True)

Reason = Push.Reason
TEXT: dict[str, Any] = {"cta_button_text": "Reserve"}


@pytest.fixture
def push(meta: Meta) -> Push:
    """A push that waits."""
    connected(meta, "page_cta")
    return asked(the("page_cta"), **TEXT)


def refused(meta: Meta, push: Push, path: str = "configuration") -> Push:
    """It was refused for a permission."""
    meta.fail("permission", path=path)
    drain()
    push = again(push)
    assert (push.state, push.reason) == (State.REFUSED, Reason.PERMISSION)
    return push


def sign_in(meta: Meta, push: Push) -> None:
    """Somebody signs in at Meta again, and brings a token."""
    keep([ReceivedToken(push.installation, meta.connect("salon"))])


@pytest.mark.parametrize("path", ["configuration", "configuration_write"])
def test_a_new_token_has_it_go_on_that_a_permission_stopped(meta: Meta, push: Push, path: str) -> None:
    push = refused(meta, push, path)
    push_due()
    assert again(push).state == State.REFUSED, "nothing has come"
    sign_in(meta, push)
    push_due()
    push = again(push)
    assert (push.state, push.reason, push.detail) == (State.CONFIRMED, "", "")
    assert at_meta(meta, push.feature)["cta_button_text"] == "Reserve"
    assert status_of(push.feature) == Status.AS_WANTED


def test_a_token_after_the_last_one_died_has_it_go_on(meta: Meta, push: Push) -> None:
    meta.change("salon", kill_tokens=460)
    drain()
    assert again(push).reason == Reason.NO_TOKEN
    sign_in(meta, push)
    Installation.objects.update(state=Installation.State.RECONNECT)
    assert resume() == 0, "the connection is not back yet"
    Installation.objects.update(state=Installation.State.CONNECTED)
    push_due()
    assert again(push).state == State.CONFIRMED


def test_the_right_secret_has_it_go_on_and_another_wrong_one_costs_one_try(meta: Meta, push: Push) -> None:
    right = meta.app.secret
    type_in(meta.app, "wrong")
    drain()
    assert (again(push).state, again(push).reason) == (State.REFUSED, Reason.SECRET)
    type_in(meta.app, "wrong too")
    for _ in range(3):
        push_due()
    assert (again(push).attempt, again(push).reason) == (2, Reason.SECRET)
    type_in(meta.app, right)
    push_due()
    assert again(push).state == State.CONFIRMED


def test_a_token_that_lacks_the_permission_too_costs_one_try(meta: Meta, push: Push) -> None:
    push = refused(meta, push)
    sign_in(meta, push)
    meta.fail("permission", path="configuration", count=2)
    for _ in range(3):
        push_due()
    assert (again(push).attempt, again(push).reason) == (2, Reason.PERMISSION)


@pytest.mark.parametrize("path", ["configuration", "configuration_write"])
def test_what_somebody_has_changed_at_meta_meanwhile_is_not_overwritten(meta: Meta, push: Push, path: str) -> None:
    push = refused(meta, push, path)
    before = posts(meta)
    change_at_meta(meta, push.feature, cta_button_text="Merchant's")
    sign_in(meta, push)
    push_due()
    assert (again(push).state, posts(meta)) == (State.MOVED, before)
    assert at_meta(meta, push.feature)["cta_button_text"] == "Merchant's"


def want_something_else(push: Push) -> None:
    wanting(push.feature, 1, cta_button_text="Shop Now")


def plan_anew(push: Push) -> None:
    with tenant(push.partner_id):
        plan([push.feature], by=BY)


def take_metas(push: Push) -> None:
    with tenant(push.partner_id):
        adopt([push.feature], BY)


def let_a_month_pass(push: Push) -> None:
    Push.objects.filter(pk=push.pk).update(ended_at=timezone.now() - timedelta(days=31))


@pytest.mark.parametrize("decide", [want_something_else, plan_anew, take_metas, let_a_month_pass])
def test_what_staff_have_decided_about_since_does_not_go_on(meta: Meta, push: Push, decide: Any) -> None:
    push = refused(meta, push)
    decide(push)
    sign_in(meta, push)
    assert resume() == 0 and again(push).state == State.REFUSED


def test_of_a_push_to_many_that_was_stopped_nothing_goes_on(meta: Meta) -> None:
    connected(meta, "page_cta")
    wanting(the("page_cta"), **TEXT)
    run = start_run(meta.app.partner_id, [the("page_cta")], None)
    push = refused(meta, Push.objects.get())
    stop_run(run)
    sign_in(meta, push)
    assert resume() == 0


def test_what_meta_refuses_as_such_does_not_go_on(meta: Meta, push: Push) -> None:
    meta.fail("not_visible", path="configuration")
    drain()
    sign_in(meta, push)
    assert resume() == 0 and again(push).state == State.REFUSED


def test_a_crowd_goes_on_a_portion_at_a_time(meta: Meta) -> None:
    connected(meta, "page_cta", "ig_cta", "messenger_menu")
    pushes = [asked(the(name), **TEXT) for name in ("page_cta", "ig_cta", "messenger_menu")]
    refused(meta, pushes[0])
    sign_in(meta, pushes[0])
    assert [resume(2) for _ in range(3)] == [2, 1, 0]
