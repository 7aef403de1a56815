"""The button with its question on both pages, the steps, the list, and what can still be hurried or called off."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from features.models import AccessToken, Feature, Installation
from features.uninstalling.models import Uninstall
from partners.audit.models import Action, AuditEntry
from partners.models import Role
from tests.admin_rows import page, signed_in, tool
from tests.factories import AccessTokenFactory, FeatureFactory, InstallationFactory, MembershipFactory
from tests.features.uninstalling.ground import Reason, State, again, asked

pytestmark = pytest.mark.django_db

LABEL = "Uninstall at Meta…"


@pytest.fixture
def feature() -> Feature:
    """A Page's button of a connected business with a token."""
    installation = InstallationFactory.create(
        state=Installation.State.CONNECTED, reason="", business_manager_id="900", assets={"pages": ["55"]}
    )
    AccessTokenFactory.create(installation=installation)
    made: Feature = FeatureFactory.create(installation=installation, is_enabled=True)
    return made


@pytest.fixture
def installation(feature: Feature) -> Installation:
    """Its installation."""
    return feature.installation


@pytest.fixture
def manager(feature: Feature) -> Client:
    """The browser of somebody who may uninstall."""
    member = MembershipFactory.create(partner=feature.partner, role=Role.MANAGER, user__username="ann")
    return signed_in(member.user)


def text_of(client: Client, address: str) -> str:
    """A page."""
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def shown(client: Client, row: Uninstall) -> str:
    """The uninstall's own page."""
    return text_of(client, page("uninstalling_uninstall", row))


@pytest.mark.parametrize("kind", ["features_installation", "features_feature"])
def test_the_button_asks_first_and_says_what_will_happen(manager: Client, feature: Feature, kind: str) -> None:
    row = feature if kind == "features_feature" else feature.installation
    assert LABEL in text_of(manager, page(kind, row))
    question = text_of(manager, tool(kind, row, "press_uninstall"))
    said = "switch this one feature off" if row is feature else "remove the whole connection"
    assert said in question and "Do you want to uninstall it?" in question
    assert not Uninstall.objects.exists()


@pytest.mark.parametrize("kind", ["features_installation", "features_feature"])
def test_a_yes_asks_for_it_and_leads_to_its_steps(manager: Client, feature: Feature, kind: str) -> None:
    row = feature if kind == "features_feature" else feature.installation
    answer = manager.post(tool(kind, row, "press_uninstall"), follow=True)
    uninstall = Uninstall.objects.get()
    assert answer.redirect_chain == [(page("uninstalling_uninstall", uninstall), 302)]
    assert (uninstall.asked_by, uninstall.feature) == ("ann", feature if row is feature else None)
    content = answer.content.decode()
    assert "Asked for by ann" in content and content.count("still to come") == 3
    assert 'http-equiv="refresh"' in content and "called off and never touches the new connection" in content
    entry = AuditEntry.objects.get(action=Action.UNINSTALL_ASKED)
    assert (entry.actor_name, entry.object_type, entry.object_id) == (
        "ann",
        "uninstalling.uninstall",
        str(uninstall.pk),
    )
    on_its_page = text_of(manager, page(kind, row))
    assert LABEL not in on_its_page and "Asked for by ann" in on_its_page
    for press in (manager.get, manager.post):
        again = press(tool(kind, row, "press_uninstall"), follow=True)
        assert again.redirect_chain == [(page("uninstalling_uninstall", uninstall), 302)]
        assert "It is being uninstalled already." in again.content.decode()
    assert Uninstall.objects.count() == 1


def test_the_question_about_a_feature_leads_to_the_uninstall_of_the_whole(manager: Client, feature: Feature) -> None:
    whole = asked(feature.installation)
    answer = manager.get(tool("features_feature", feature, "press_uninstall"))
    assert answer["Location"] == page("uninstalling_uninstall", whole)


def test_a_viewer_and_a_stranger_uninstall_nothing(feature: Feature) -> None:
    viewer = signed_in(MembershipFactory.create(partner=feature.partner, role=Role.VIEWER).user)
    stranger = signed_in(MembershipFactory.create().user)
    row = asked(feature.installation, feature)
    for address in (
        tool("features_installation", feature.installation, "press_uninstall"),
        tool("uninstalling_uninstall", row, "call_off"),
        tool("uninstalling_uninstall", row, "try_now"),
    ):
        assert viewer.post(address).status_code == 403
        assert stranger.post(address).status_code == 404
    assert stranger.get(page("uninstalling_uninstall", row)).status_code == 404
    assert "Asked for by" in shown(viewer, row)
    assert Uninstall.objects.count() == 1


def test_where_meta_has_no_call_there_is_a_sentence_and_the_way_to_meta(manager: Client, feature: Feature) -> None:
    pixel = FeatureFactory.create(installation=feature.installation, feature_type="pixel")
    content = text_of(manager, page("features_feature", pixel))
    assert LABEL not in content and "Meta has no interface through which this feature alone" in content
    assert "manage_external_business_connection" in content.split("this feature alone", 1)[1]
    assert manager.get(tool("features_feature", pixel, "press_uninstall")).status_code == 404
    implied = FeatureFactory.create(installation=feature.installation, is_implied=True)
    assert "the channel and the assets of a v2 connection imply it" in text_of(
        manager, page("features_feature", implied)
    )


def test_without_a_token_the_page_says_who_can(manager: Client, installation: Installation) -> None:
    AccessToken.objects.update(dead_at=timezone.now())
    content = text_of(manager, page("features_installation", installation))
    assert LABEL not in content and "so nothing can be uninstalled from here" in content


def test_what_is_under_way_is_on_the_pages_of_both(manager: Client, feature: Feature) -> None:
    asked(feature.installation)
    for address in (page("features_installation", feature.installation), page("features_feature", feature)):
        content = text_of(manager, address)
        assert "The whole connection" in content and "still to come" in content


def test_each_state_says_what_is_going_on_and_what_helps(manager: Client, installation: Installation) -> None:
    row, now = asked(installation), timezone.now()

    def says(words: str, state: str, reason: str = "", **columns: object) -> None:
        ended = {} if state in Uninstall.OPEN else {"ended_at": now}
        Uninstall.objects.update(state=state, reason=reason, **{"ended_at": None, **ended, **columns})
        assert words in shown(manager, row), words

    says("Meta is asked as soon as a worker is free", State.REQUESTED)
    says("Meta&#x27;s answer has not arrived", State.REQUESTED, sent_at=now)
    says("A sync looks whether it is gone", State.REQUESTED, looks=1)
    says("we look again until it is", State.ACKNOWLEDGED, acknowledged_at=now)
    says("The business has connected anew meanwhile", State.ACKNOWLEDGED, connected_anew_at=now)
    says("The business connected anew", State.CALLED_OFF, Reason.CONNECTED_ANEW)
    says("the record says so", State.GONE)
    says("Meta refused it. Nothing has changed there.", State.REFUSED, detail="Not you.")
    says("Not you.", State.REFUSED, detail="Not you.")
    says("it connects again, and you uninstall it then", State.REFUSED, Reason.NO_TOKEN)
    says("Uninstall it once more", State.UNCONFIRMED, Reason.STILL_SHOWN)
    says("does not let us see", State.UNCONFIRMED, Reason.UNREAD)
    says("Nobody can see from here whether Meta has removed it", State.UNCONFIRMED, Reason.UNANSWERED)


def test_a_limit_says_until_when_and_cannot_be_hurried(manager: Client, installation: Installation) -> None:
    row = asked(installation)
    until = timezone.now() + timedelta(hours=1)
    Uninstall.objects.update(wait=Installation.Wait.LIMIT, not_before=until)
    content = shown(manager, row)
    assert "Meta asks us to wait until" in content and "Try now" not in content and "Call off" in content
    assert manager.post(tool("uninstalling_uninstall", row, "try_now")).status_code == 404


def test_try_now_and_call_off_are_there_until_meta_has_said_yes(manager: Client, installation: Installation) -> None:
    row = asked(installation)
    Uninstall.objects.update(wait=Installation.Wait.BACKOFF, not_before=timezone.now(), failures=3)
    manager.post(tool("uninstalling_uninstall", row, "try_now"))
    assert (again(row).not_before, again(row).failures) == (None, 0)
    Uninstall.objects.update(state=State.ACKNOWLEDGED)
    content = shown(manager, row)
    assert "Try now" not in content and "Call off" not in content
    Uninstall.objects.update(state=State.REQUESTED)
    assert "Do you want to call it off?" in text_of(manager, tool("uninstalling_uninstall", row, "call_off"))
    manager.post(tool("uninstalling_uninstall", row, "call_off"))
    assert (again(row).state, again(row).reason) == (State.CALLED_OFF, Reason.WITHDRAWN)
    assert AuditEntry.objects.get(action=Action.CALLED_OFF).actor_name == "ann"
    assert "Somebody called it off." in shown(manager, row)


def test_what_a_worker_has_in_hand_is_not_called_off(manager: Client, installation: Installation) -> None:
    row = asked(installation)
    Uninstall.objects.update(claimed_until=timezone.now() + timedelta(minutes=1))
    answer = manager.post(tool("uninstalling_uninstall", row, "call_off"), follow=True)
    assert "It is too late" in answer.content.decode() and again(row).state == State.REQUESTED
    assert not AuditEntry.objects.filter(action=Action.CALLED_OFF).exists()


def test_the_list_finds_and_filters(manager: Client, feature: Feature) -> None:
    whole = asked(feature.installation)
    Uninstall.objects.update(state=State.GONE)
    one = asked(feature.installation, feature)
    address = reverse("admin:uninstalling_uninstall_changelist")

    def found(query: str) -> set[int]:
        return {each.pk for each in manager.get(address + query).context["cl"].result_list}

    assert found("") == {whole.pk, one.pk}
    assert found("?state__exact=gone") == {whole.pk}
    assert found(f"?feature={feature.pk}") == {one.pk}
    assert found(f"?installation={feature.installation_id}") == {whole.pk, one.pk}
    assert found(f"?q={feature.installation.business.external_business_id}") == {whole.pk, one.pk}
    assert found("?q=nobody") == set()
    assert "the whole connection" in text_of(manager, address)


def test_the_reason_names_staff_and_what_helps(manager: Client, installation: Installation) -> None:
    Installation.objects.update(state=Installation.State.DISCONNECTED, reason=Installation.Reason.UNINSTALLED_BY_STAFF)
    content = text_of(manager, page("features_installation", installation))
    assert "Staff had the integration uninstalled at Meta." in content
    assert "If the business wants to come back, send it a launch link." in content
