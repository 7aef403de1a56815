"""A push's page: the plan with its buttons, its way to Meta, each end with what can be done about it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from features.configuration.models import Push, Wanted
from features.models import Feature
from partners.audit.models import Action, AuditEntry
from partners.models import Role
from tests.admin_rows import page, signed_in, tool
from tests.factories import BusinessFactory, FeatureFactory, InstallationFactory, MembershipFactory
from tests.features.configuration.ground import State, Status, again, asked, planned, status_of

pytestmark = pytest.mark.django_db

TEXT: dict[str, Any] = {"cta_button_text": "Book Now"}


@pytest.fixture
def feature() -> Feature:
    """A Page's button that says Reserve."""
    made: Feature = FeatureFactory.create(is_enabled=True, configuration={"cta_button_text": "Reserve"})
    return made


@pytest.fixture
def manager(feature: Feature) -> Client:
    """The browser of somebody who may change things."""
    return signed_in(MembershipFactory.create(partner=feature.partner, role=Role.MANAGER).user)


def shown(client: Client, push: Push) -> str:
    """The push's page."""
    answer = client.get(page("configuration_push", push))
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, push: Push, method: str) -> Any:
    """Press one of its buttons."""
    return client.post(tool("configuration_push", push, method), follow=True)


def ended(feature: Feature, state: State, **values: Any) -> Push:
    """A push that ended so."""
    push = asked(feature, **TEXT)
    Push.objects.filter(pk=push.pk).update(state=state, **values)
    Wanted.objects.update(status=Status.DRIFT)
    return again(push)


def test_a_plan_is_shown_and_pushed_by_its_button(manager: Client, feature: Feature) -> None:
    push = planned(feature, **TEXT)
    content = shown(manager, push)
    assert "nothing has been sent to Meta yet" in content
    assert "Reserve" in content and "Book Now" in content and "ada" in content
    assert 'http-equiv="refresh"' not in content
    waiting = press(manager, push, "press_push").content.decode()
    assert again(push).state == State.WAITING
    assert status_of(feature) == Status.PUSHING
    assert 'http-equiv="refresh" content="3"' in waiting
    assert AuditEntry.objects.filter(action=Action.PUSHED, object_id=str(push.pk)).exists()
    assert press(manager, push, "press_push").status_code == 404


def test_a_plan_can_be_dropped(manager: Client, feature: Feature) -> None:
    push = planned(feature, **TEXT)
    assert "Somebody withdrew it." in press(manager, push, "drop_plan").content.decode()
    assert again(push).state == State.DROPPED
    assert AuditEntry.objects.filter(action=Action.STOPPED, object_id=str(push.pk)).exists()


def test_a_plan_that_meta_has_moved_on_from_is_only_planned_anew(manager: Client, feature: Feature) -> None:
    push = planned(feature, **TEXT)
    Feature.objects.update(configuration={"cta_button_text": "Call us"})
    assert "have changed since this plan was made" in shown(manager, push)
    assert press(manager, push, "press_push").status_code == 404
    press(manager, push, "plan_anew")
    newest = Push.objects.latest("pk")
    assert newest.based_on["cta_button_text"] == "Call us"
    assert again(push).state == State.DROPPED


def test_while_another_push_is_on_its_way_the_plan_stays(manager: Client, feature: Feature) -> None:
    asked(feature, **TEXT)
    push = planned(feature, 1, cta_button_text="Shop Now")
    assert "Another push of this feature is on its way" in press(manager, push, "press_push").content.decode()
    assert again(push).state == State.PLANNED


@pytest.mark.parametrize(
    ("state", "values", "sentence"),
    [
        (State.CONFIRMED, {}, "it has what is wanted"),
        (State.REFUSED, {"detail": "The text is <too> rude."}, "The text is &lt;too&gt; rude."),
        (State.DIFFERS, {"kept": {"cta_button_text": "Book now"}}, "does not show what was sent"),
        (State.MOVED, {"kept": {"cta_button_text": "Call us"}}, "so nothing was sent"),
        (State.DROPPED, {"reason": Push.Reason.REMOVED}, "The feature is no longer installed."),
    ],
)
def test_every_end_is_said(
    manager: Client, feature: Feature, state: State, values: dict[str, Any], sentence: str
) -> None:
    push = ended(feature, state, **values)
    content = shown(manager, push)
    assert sentence in content
    for value in (push.kept or {}).values():
        assert f">{value}</td>" in content
    assert 'http-equiv="refresh"' not in content


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [(Push.Reason.PERMISSION, "when the business has signed in"), (Push.Reason.SECRET, "when the right secret is")],
)
def test_a_refused_push_says_what_it_waits_for_as_long_as_it_is_wanted(
    manager: Client, feature: Feature, reason: Push.Reason, sentence: str
) -> None:
    push = ended(feature, State.REFUSED, reason=reason, ended_at=timezone.now())
    assert sentence in shown(manager, push)
    planned(feature, 1, cta_button_text="Shop Now")
    assert sentence not in shown(manager, push)


def test_a_push_that_waits_for_a_retry_says_until_when_and_why(manager: Client, feature: Feature) -> None:
    push = asked(feature, **TEXT)
    Push.objects.update(not_before="2999-01-01T00:00:00Z", detail="Meta is busy")
    content = shown(manager, push)
    assert "The next try is after Jan. 1, 2999" in content and "Meta is busy" in content


@pytest.mark.parametrize("state", [State.MOVED, State.DIFFERS, State.REFUSED])
def test_after_an_unhappy_end_metas_values_are_adopted_with_one_click(
    manager: Client, feature: Feature, state: State
) -> None:
    push = ended(feature, state)
    press(manager, push, "adopt_metas")
    wanted = Wanted.objects.get()
    assert (wanted.values["cta_button_text"], wanted.origin) == ("Reserve", Wanted.Origin.META)
    assert status_of(feature) == Status.AS_WANTED
    entry = AuditEntry.objects.get(action=Action.ADOPTED)
    assert entry.changes["cta_button_text"] == ["Book Now", "Reserve"]


def test_after_a_move_it_is_planned_anew_against_what_meta_has(manager: Client, feature: Feature) -> None:
    push = ended(feature, State.MOVED)
    Feature.objects.update(configuration={"cta_button_text": "Call us"})
    press(manager, push, "plan_anew")
    assert Push.objects.latest("pk").based_on["cta_button_text"] == "Call us"
    assert AuditEntry.objects.filter(action=Action.PLANNED).exists()


def test_a_confirmed_push_has_no_buttons(manager: Client, feature: Feature) -> None:
    push = ended(feature, State.CONFIRMED)
    for method in ("press_push", "plan_anew", "adopt_metas", "drop_plan"):
        assert press(manager, push, method).status_code == 404


def test_strangers_and_viewers_press_nothing(feature: Feature) -> None:
    push = ended(feature, State.MOVED)
    viewer = signed_in(MembershipFactory.create(partner=feature.partner, role=Role.VIEWER).user)
    stranger = signed_in(MembershipFactory.create().user)
    for method in ("plan_anew", "adopt_metas"):
        assert press(viewer, push, method).status_code == 403
        assert press(stranger, push, method).status_code == 404
    assert Wanted.objects.get().origin == Wanted.Origin.STAFF


def test_pushes_are_listed_by_state_business_feature_and_run(manager: Client, feature: Feature) -> None:
    one = planned(feature, **TEXT)
    business = BusinessFactory.create(partner=feature.partner, name="Blue Door")
    installation = InstallationFactory.create(meta_app=feature.installation.meta_app, business=business)
    other = asked(FeatureFactory.create(installation=installation), **TEXT)
    address = reverse("admin:configuration_push_changelist")
    found = {
        query: {row.pk for row in manager.get(f"{address}?{query}").context["cl"].result_list}
        for query in ("state__exact=planned", "q=blue", f"feature={feature.pk}", "")
    }
    assert list(found.values()) == [{one.pk}, {other.pk}, {one.pk}, {one.pk, other.pk}]
