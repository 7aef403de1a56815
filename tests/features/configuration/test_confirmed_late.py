"""A push that Meta took and did not show at once ends confirmed when a later read shows it."""

from typing import Any

from django.utils import timezone

from features.configuration.models import Push
from features.configuration.planning import plan
from features.configuration.push_admin import may_be_given_up
from features.configuration.pushing import drain
from partners.models import Role
from partners.tenancy import tenant
from tests.admin_rows import page, signed_in
from tests.factories import MembershipFactory
from tests.features.configuration.ground import (
    BY,
    State,
    Status,
    again,
    asked,
    change_at_meta,
    connected,
    the,
    turn_configuration,
)
from tests.features.configuration.test_following import seen
from tests.meta import Meta

TEXT: dict[str, Any] = {"cta_button_text": "Reserve"}


def not_shown_at_once(meta: Meta) -> Push:
    """A push that Meta took, and shows something else for."""
    connected(meta, "page_cta")
    push = asked(the("page_cta"), **TEXT)
    turn_configuration(meta, keeps={"page_cta": {"cta_button_text": "Book now"}})
    drain()
    push = again(push)
    assert push.state == State.DIFFERS and push.posted_at is not None
    return push


def test_a_later_read_that_shows_it_confirms_it_and_the_page_says_so(meta: Meta) -> None:
    push = not_shown_at_once(meta)
    ended_at, before = push.ended_at, timezone.now()
    change_at_meta(meta, push.feature, **TEXT)
    assert seen(push.feature) == Status.AS_WANTED
    push = again(push)
    assert (push.state, push.kept, push.ended_at) == (State.CONFIRMED, TEXT, ended_at)
    assert push.confirmed_later_at is not None and push.confirmed_later_at > before
    assert not may_be_given_up(push)
    client = signed_in(MembershipFactory.create(partner=push.installation.partner, role=Role.MANAGER).user)
    content = client.get(page("configuration_push", push)).content.decode()
    assert "A later read did" in content and "it has what is wanted" not in content


def test_a_push_of_whose_end_nothing_was_seen_is_confirmed_too(meta: Meta) -> None:
    connected(meta, "page_cta")
    push = asked(the("page_cta"), **TEXT)
    meta.fail("lost_answer", path="configuration_write")
    drain()
    Push.objects.filter(pk=push.pk).update(state=State.DIFFERS, reason=Push.Reason.UNREAD, detail="It broke off.")
    seen(push.feature)
    push = again(push)
    assert (push.state, push.reason, push.explanation) == (State.CONFIRMED, "", "")


def test_what_meta_shows_otherwise_still_differs(meta: Meta) -> None:
    push = not_shown_at_once(meta)
    change_at_meta(meta, push.feature, cta_button_text="Merchant's")
    seen(push.feature)
    assert (again(push).state, again(push).confirmed_later_at) == (State.DIFFERS, None)


def test_a_push_with_a_newer_one_after_it_stays_as_it_ended(meta: Meta) -> None:
    push = not_shown_at_once(meta)
    newer = asked(push.feature, 1, cta_button_text="Shop Now")
    turn_configuration(meta, keeps={})
    drain()
    assert again(newer).state == State.CONFIRMED
    change_at_meta(meta, push.feature, **TEXT)
    seen(push.feature)
    assert (again(push).state, again(newer).state) == (State.DIFFERS, State.CONFIRMED)


def test_a_newer_plan_that_was_never_sent_is_no_newer_push(meta: Meta) -> None:
    push = not_shown_at_once(meta)
    with tenant(push.partner_id):
        (newer,) = plan([push.feature], by=BY)
    change_at_meta(meta, push.feature, **TEXT)
    seen(push.feature)
    assert (again(push).state, again(newer).state) == (State.CONFIRMED, State.PLANNED)


def test_what_was_refused_and_never_sent_is_not_called_confirmed(meta: Meta) -> None:
    connected(meta, "page_cta")
    push = asked(the("page_cta"), **TEXT)
    meta.fail("not_visible", path="configuration")
    drain()
    change_at_meta(meta, push.feature, **TEXT)
    assert seen(push.feature) == Status.AS_WANTED
    assert again(push).state == State.REFUSED
